package hostile

// A Repeat is a reason why a [Product] need not ask the budget.
type Repeat struct {
	// Func is as in a Loop, Over as in a Product; "*" in them stands for any characters
	// except a slash.
	Func, Over string
	// By says what bounds the time: "names of the code, some ten".
	By string
}

// repeats returns a row for each function.
func repeats(by, over string, funcs ...string) []Repeat {
	var out []Repeat
	for _, f := range funcs {
		out = append(out, Repeat{f, over, by})
	}
	return out
}

// Repeats returns the reasons for all products that do not ask the budget.
func Repeats() []Repeat {
	var out []Repeat
	add := func(by, over string, funcs ...string) { out = append(out, repeats(by, over, funcs...)...) }

	const caller = "what the caller names in arguments"
	add(caller, "*", "cmd/mop.app.exportPlan", "internal/batch.Plan.Below", "internal/explain.fieldOf", "internal/explain.Name.*",
		"cmd/mop.runToolImports", "internal/export.newReplaced", "internal/export.replaced.warnings", "internal/bundler.Bundler.each", "cmd/mop.runEnvSet",
		"internal/project.EditSpec", "internal/imports.Graph.Importers")
	add("the versions of Kubernetes that the caller asks for", "*", "cmd/mop/internal/check.checked.records", "cmd/mop/internal/check.stream.*")
	add("the caller's kubeconfig", "*", "internal/kubeconfig.Server")
	add("control groups and mount points of the machine", "*", "internal/machine.groups", "internal/machine.field", "internal/export.transaction.refuseMounts")
	add("the hints of a code, in a table of mop, and the places that one failure names", "*", "internal/failure.fill")
	add("names of the code", "*", "pkg/validate/internal/rules.leaveOut", "internal/patch.count", "internal/native.decodeOptions", "internal/project.specWalker.object", "internal/k8s.mainText")
	add("kinds of Kubernetes, which are compiled in", "*", "internal/schema.Kinds.*")
	add("parts of kinds of Kubernetes, which are compiled in", "*.Catalogue.Overlooked", "pkg/validate/internal/*")
	add("rules of the code, of which a report names each once", "*", "cmd/mop/internal/report.sarif.*")
	add("the patterns of controllers, which are compiled in, with two placeholders at most", "*", "pkg/validate/internal/refer.expand", "pkg/validate/internal/refer.values")
	add("the pods and groups that asks of the budget stand before", "*", "pkg/validate/internal/refer.looking.runner")
	add("a namespace, and none", "*", "pkg/validate/internal/refer.podIndex.meeting")
	add("the faults that an API server finds, in its one answer", "*", "cmd/mop/internal/check.judged")
	add("the path of an object, or to a field, which is short but where nesting is deep", "*",
		"internal/explain.Field", "cmd/mop/internal/check.fileDocument.add", "pkg/validate.received.appendItems", "internal/render.search.add", "internal/render.environmentLabelOf")
	add("at most as many origins as the evaluation tells", "*", "internal/explain.lines", "internal/eval.run.originsOf", "internal/eval.ledTo", "internal/eval.run.values", "internal/eval.run.placed", "internal/jsonnet.shown", "internal/jsonnet.tracer.parts")
	add("the objects that a message names", "*", "internal/export.crowded")
	add("looks up the origins of an object later, where there are findings", "*", "cmd/mop/internal/check.Run.objectsOf")
	add("done once, for all that come after", "*", "internal/render.File.Again", "internal/render.Renderer.Graph", "internal/bundler.unpacker.tar")
	add("what helps to show that the process is not too long behind", "*", "internal/pool.pool.*")
	add("at most three bytes", "w.held", "internal/message.Writer.Write")
	add("texts that are shown, whose memory is counted", "*", "internal/stream.Traces.Hold")
	add("directories of packages on disk, each of which is read", "found", "internal/project.localPackages")
	add("the parameters of a function in Go", "*", "pkg/jsonnet.Native.check")
	add("the search path", "*", "pkg/jsonnet.files.find", "internal/eval.importer.candidates", "internal/eval.graphBuilder.*")
	add("goes on where it has ended, and so once through the text", "*",
		"internal/syntax.*", "internal/jsonnet/survey.Survey.run", "internal/jsonnet/survey.textBlock", "internal/jsonnet.plain.space", "internal/jsonnet.plain.text", "internal/jsonnet/internal/notation.likeHexadecimal",
		"internal/document.Changed", "internal/document.jsonReader.place", "internal/jsonnet/internal/notation.AppendQuoted", "internal/message.Writer.show", "internal/document.Nodes", "internal/document.find", "internal/document.values.checked", "internal/plain.integers", "internal/emitter.relation.sort")
	add("the fields of one shape, which are found by a table", "*", "internal/jsonnet.plain.shape")
	add("the nodes of a template, whose text is bounded", "n.Nodes", "internal/naming.rewrite")
	add("names, at most as long as one may be", "text", "pkg/validate/internal/refer.isPart")
	add("ends with it", "*", "internal/swap.Directory.Commit", "internal/jsonnet.shape.order")
	add("ends with it", "internal/project.reach", "internal/project.disk.realDir")
	add("the parts of a sum, each of which is in one part only", "internal/jsonnet.outline.need", "internal/jsonnet.outline.value")
	add("the scopes around a variable, at most as many as nesting has", "internal/jsonnet.scope.resolve", "internal/jsonnet.compiler.argument")
	add("what is evaluated already, or counts its steps", "internal/jsonnet.*.eval", "internal/jsonnet.tracer.*")
	add("goes on by itself, while nobody waits for it where the budget ends", "pkg/validate/internal/crd.*", "pkg/validate/internal/crd.expressions.check", "pkg/validate/internal/crd.unreadableObjects")
	add("the captures of a call in the code", "*", "internal/jsonnet.nativeCall.operands")
	add("the parameters of a function of std", "*", "internal/jsonnet.tracer.native")
	add("the stack of calls, for one warning", "*", "internal/jsonnet.evaluator.warn")
	add("the keys of one line of indentation", "margin", "internal/jsonnet/internal/notation.AppendYAML")
	add("the parts of one value, for one finding", "*", "internal/document.jsonPlace.line")
	add("an identifier of the definition", "*", "internal/schema.readSchemas", "internal/schema.keywords.list")
	add("goes on by itself, while nobody waits for it where the budget ends", "*",
		"pkg/validate/internal/crd.Version.refusedDefault", "pkg/validate/internal/crd.own", "pkg/validate/internal/crd.refusals", "pkg/validate/internal/crd.structure.listMap", "pkg/validate/internal/crd.Version.validate", "pkg/validate/internal/crd.Version.decode", "pkg/validate/internal/crd.quoted")
	return out
}
