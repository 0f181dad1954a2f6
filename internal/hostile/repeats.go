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
	add("a value of a Go program, which holds it in memory", "*", "pkg/manifest.converter.object")
	add(caller, "*", "cmd/mop.app.exportPlan", "internal/batch.Plan.Below", "internal/explain.fieldOf", "internal/explain.Name.*",
		"cmd/mop.runToolImports", "pkg/export.newReplaced", "pkg/export.replaced.warnings", "pkg/bundler.Bundler.each", "cmd/mop.runEnvSet",
		"pkg/project.EditSpec", "internal/imports.Graph.Importers")
	add("the versions of Kubernetes that the caller asks for", "*", "internal/check.checked.records", "internal/check.stream.*")
	add("the caller's kubeconfig", "*", "internal/kubeconfig.Server")
	add("control groups and mount points of the machine", "*", "internal/machine.groups", "internal/machine.field", "pkg/export.transaction.refuseMounts")
	add("the hints of a kind, in a table of the code, and the places that one failure names", "*", "pkg/diag.Values.fill")
	add("names of the code", "*", "pkg/validate/internal/rules.leaveOut", "pkg/diff.count", "pkg/native.decodeOptions", "pkg/project.specWalker.object", "pkg/k8s.mainText")
	add("kinds of Kubernetes, which are compiled in", "*", "pkg/schema.Kinds.*")
	add("parts of kinds of Kubernetes, which are compiled in", "*.Catalogue.Overlooked", "pkg/validate/internal/*")
	add("rules of the code, of which a report names each once", "*", "internal/report.sarif.*")
	add("the patterns of controllers, which are compiled in, with two placeholders at most", "*", "pkg/validate/internal/refer.expand", "pkg/validate/internal/refer.values")
	add("the pods and groups that asks of the budget stand before", "*", "pkg/validate/internal/refer.looking.runner")
	add("a namespace, and none", "*", "pkg/validate/internal/refer.podIndex.meeting")
	add("the faults that an API server finds, in its one answer", "*", "pkg/validate.Result.Judged")
	add("the path of an object, or to a field, which is short but where nesting is deep", "*",
		"internal/explain.Field", "pkg/validate.Result.Diagnostics", "pkg/render.search.add", "pkg/render.environmentLabelOf")
	add("at most as many origins as the evaluation tells", "*", "internal/explain.lines", "pkg/eval.run.originsOf", "pkg/eval.ledTo", "pkg/eval.run.values", "pkg/eval.run.placed", "pkg/jsonnet.shown", "pkg/jsonnet.tracer.parts")
	add("the objects that a message names", "*", "pkg/export.crowded")
	add("looks up the origins of an object later, where there are findings", "*", "internal/check.Run.objectsOf")
	add("done once, for all that come after", "*", "pkg/render.File.Again", "pkg/render.Renderer.Graph", "pkg/bundler.unpacker.tar")
	add("what helps to show that the process is not too long behind", "*", "internal/pool.pool.*")
	add("at most three bytes", "w.held", "internal/message.Writer.Write")
	add("texts that are shown, whose memory is counted", "*", "internal/stream.Traces.Hold")
	add("directories of packages on disk, each of which is read", "found", "pkg/project.localPackages")
	add("the search path", "*", "pkg/eval.importer.candidates", "pkg/eval.graphBuilder.*")
	add("goes on where it has ended, and so once through the text", "*",
		"internal/syntax.*", "pkg/jsonnet/survey.Survey.run", "pkg/jsonnet/survey.textBlock", "pkg/jsonnet.plain.space", "pkg/jsonnet.plain.text", "pkg/jsonnet/internal/notation.likeHexadecimal",
		"pkg/document.Changed", "pkg/document.jsonReader.place", "pkg/jsonnet/internal/notation.AppendQuoted", "internal/message.Writer.show", "pkg/document.Nodes", "pkg/document.find", "pkg/document.values.checked", "pkg/manifest.withIntegers", "pkg/emitter.relation.sort")
	add("the fields of one shape, which are found by a table", "*", "pkg/jsonnet.plain.shape")
	add("the nodes of a template, whose text is bounded", "n.Nodes", "pkg/naming.rewrite")
	add("names, at most as long as one may be", "text", "pkg/validate/internal/refer.isPart")
	add("ends with it", "*", "internal/swap.Directory.Commit", "pkg/jsonnet.shape.order")
	add("ends with it", "pkg/project.reach", "pkg/project.disk.realDir")
	add("the parts of a sum, each of which is in one part only", "pkg/jsonnet.outline.need", "pkg/jsonnet.outline.value")
	add("the scopes around a variable, at most as many as nesting has", "pkg/jsonnet.scope.resolve", "pkg/jsonnet.compiler.argument")
	add("what is evaluated already, or counts its steps", "pkg/jsonnet.*.eval", "pkg/jsonnet.tracer.*")
	add("goes on by itself, while nobody waits for it where the budget ends", "pkg/validate/internal/crd.*", "pkg/validate/internal/crd.expressions.check", "pkg/validate/internal/crd.unreadableObjects")
	add("the captures of a call in the code", "*", "pkg/jsonnet.nativeCall.operands")
	add("the parameters of a function of std", "*", "pkg/jsonnet.tracer.native")
	add("the stack of calls, for one warning", "*", "pkg/jsonnet.evaluator.warn")
	add("the keys of one line of indentation", "margin", "pkg/jsonnet/internal/notation.AppendYAML")
	add("the parts of one value, for one finding", "*", "pkg/document.jsonPlace.line")
	add("an identifier of the definition", "*", "pkg/schema.readSchemas", "pkg/schema.keywords.list")
	add("goes on by itself, while nobody waits for it where the budget ends", "*",
		"pkg/validate/internal/crd.Version.refusedDefault", "pkg/validate/internal/crd.own", "pkg/validate/internal/crd.refusals", "pkg/validate/internal/crd.structure.listMap", "pkg/validate/internal/crd.Version.validate", "pkg/validate/internal/crd.Version.decode", "pkg/validate/internal/crd.quoted")
	return out
}
