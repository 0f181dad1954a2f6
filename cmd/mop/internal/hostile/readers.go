package hostile

// A Reader is a function that parses a text from outside, and has a fuzz target.
type Reader struct {
	// Func is the function, as in a [Loop]. Target is its fuzz target, in the same form.
	Func, Target string
}

// Readers returns all parsers and readers of the module.
func Readers() []Reader {
	return []Reader{
		{"internal/machine.read", "internal/machine.FuzzRead"},
		{"internal/bundler.Parse", "internal/bundler.FuzzParse"},
		{"internal/bundler.ParseURI", "internal/bundler.FuzzParseURI"},
		{"internal/bundler.unpackArchive", "internal/bundler.FuzzUnpack"},
		{"pkg/validate/internal/crd.Version.Check", "pkg/validate/internal/crd.FuzzCheck"},
		{"pkg/validate/internal/crd.Version.Problems", "pkg/validate/internal/crd.FuzzProblems"},
		{"internal/patch.Compare", "internal/patch.FuzzCompare"},
		{"internal/document.Changed", "internal/document.FuzzChanged"},
		{"internal/document.Find", "internal/document.FuzzFind"},
		{"internal/document.JSON", "internal/document.FuzzJSON"},
		{"internal/document.PathAt", "internal/document.FuzzFind"},
		{"internal/document.Pieces", "internal/document.FuzzPieces"},
		{"internal/document.YAML", "internal/document.FuzzYAML"},
		{"internal/emitter.Marshal", "internal/emitter.FuzzMarshal"},
		{"internal/export.ParseFormat", "internal/export.FuzzFormat"},
		{"internal/export.readIndex", "internal/export.FuzzIndex"},
		{"internal/format.Source", "internal/format.FuzzSource"},
		{"internal/git.Location", "internal/git.FuzzRemote"},
		{"internal/git.checkRemote", "internal/git.FuzzRemote"},
		{"internal/jsonnet.CheckNesting", "internal/jsonnet.FuzzCheckNesting"},
		{"internal/jsonnet.Parse", "internal/jsonnet.FuzzCheckNesting"},
		{"internal/jsonnet.plain.value", "internal/jsonnet.FuzzPlain"},
		{"internal/jsonnet.Cache.Eval", "internal/jsonnet.FuzzEval"},
		{"internal/k8s.Generate", "internal/k8s.FuzzGenerate"},
		{"internal/lint.Linter.File", "internal/lint.FuzzFile"},
		{"internal/layout.Annotate", "internal/layout.FuzzAnnotate"},
		{"pkg/manifest.Parse", "pkg/manifest.FuzzParse"},
		{"pkg/manifest.ParsePath", "pkg/manifest.FuzzParsePath"},
		{"internal/message.Writer.Write", "internal/message.FuzzWriter"},
		{"internal/native.parseJSON", "internal/native.FuzzParseJSON"},
		{"internal/native.manifestJSON", "internal/native.FuzzParseJSON"},
		{"internal/native.manifestYAML", "internal/native.FuzzParseJSON"},
		{"internal/native.parseYAML", "internal/native.FuzzParseYAML"},
		{"internal/native.regexMatch", "internal/native.FuzzRegex"},
		{"internal/native.regexSubst", "internal/native.FuzzRegex"},
		{"internal/project.EditSpec", "internal/project.FuzzEditSpec"},
		{"internal/project.ParseSpec", "internal/project.FuzzParseSpec"},
		{"internal/project.WorkTree", "internal/project.FuzzWorkTree"},
		{"internal/project.localPackages", "internal/project.FuzzLocalPackages"},
		{"internal/render.ParseTargets", "internal/render.FuzzParseTargets"},
		{"internal/render.flatten", "internal/render.FuzzFlatten"},
		{"internal/schema.Document.With", "internal/schema.FuzzDocumentWith"},
		{"internal/swap.Directory.recover", "internal/swap.FuzzJournal"},
		{"internal/syntax.Imports", "internal/syntax.FuzzImports"},
		{"pkg/validate/internal/refer.parseExternal", "pkg/validate/internal/refer.FuzzExternal"},
		{"pkg/validate/internal/rules.schedule", "pkg/validate/internal/rules.FuzzSchedule"},
	}
}
