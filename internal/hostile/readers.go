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
		{"pkg/bundler.Parse", "pkg/bundler.FuzzParse"},
		{"pkg/bundler.ParseURI", "pkg/bundler.FuzzParseURI"},
		{"pkg/bundler.unpackArchive", "pkg/bundler.FuzzUnpack"},
		{"pkg/validate/internal/crd.Version.Check", "pkg/validate/internal/crd.FuzzCheck"},
		{"pkg/validate/internal/crd.Version.Problems", "pkg/validate/internal/crd.FuzzProblems"},
		{"pkg/diff.Compare", "pkg/diff.FuzzCompare"},
		{"pkg/document.Changed", "pkg/document.FuzzChanged"},
		{"pkg/document.Find", "pkg/document.FuzzFind"},
		{"pkg/document.JSON", "pkg/document.FuzzJSON"},
		{"pkg/document.PathAt", "pkg/document.FuzzFind"},
		{"pkg/document.Pieces", "pkg/document.FuzzPieces"},
		{"pkg/document.YAML", "pkg/document.FuzzYAML"},
		{"pkg/emitter.Marshal", "pkg/emitter.FuzzMarshal"},
		{"pkg/export.parseFormat", "pkg/export.FuzzFormat"},
		{"pkg/export.readIndex", "pkg/export.FuzzIndex"},
		{"internal/format.Source", "internal/format.FuzzSource"},
		{"internal/git.Location", "internal/git.FuzzRemote"},
		{"internal/git.checkRemote", "internal/git.FuzzRemote"},
		{"pkg/jsonnet.CheckNesting", "pkg/jsonnet.FuzzCheckNesting"},
		{"pkg/jsonnet.Parse", "pkg/jsonnet.FuzzCheckNesting"},
		{"pkg/jsonnet.plain.value", "pkg/jsonnet.FuzzPlain"},
		{"pkg/jsonnet.Cache.Eval", "pkg/jsonnet.FuzzEval"},
		{"pkg/k8s.Generate", "pkg/k8s.FuzzGenerate"},
		{"internal/lint.Linter.File", "internal/lint.FuzzFile"},
		{"pkg/manifest.Annotate", "pkg/manifest.FuzzAnnotate"},
		{"pkg/manifest.Parse", "pkg/manifest.FuzzParse"},
		{"pkg/manifest.ParsePath", "pkg/manifest.FuzzParsePath"},
		{"internal/message.Writer.Write", "internal/message.FuzzWriter"},
		{"pkg/native.parseJSON", "pkg/native.FuzzParseJSON"},
		{"pkg/native.manifestJSON", "pkg/native.FuzzParseJSON"},
		{"pkg/native.manifestYAML", "pkg/native.FuzzParseJSON"},
		{"pkg/native.parseYAML", "pkg/native.FuzzParseYAML"},
		{"pkg/native.regexMatch", "pkg/native.FuzzRegex"},
		{"pkg/native.regexSubst", "pkg/native.FuzzRegex"},
		{"pkg/project.EditSpec", "pkg/project.FuzzEditSpec"},
		{"pkg/project.ParseSpec", "pkg/project.FuzzParseSpec"},
		{"pkg/project.WorkTree", "pkg/project.FuzzWorkTree"},
		{"pkg/project.localPackages", "pkg/project.FuzzLocalPackages"},
		{"pkg/render.ParseTargets", "pkg/render.FuzzParseTargets"},
		{"pkg/render.flatten", "pkg/render.FuzzFlatten"},
		{"pkg/schema.Document.With", "pkg/schema.FuzzDocumentWith"},
		{"internal/swap.Directory.recover", "internal/swap.FuzzJournal"},
		{"internal/syntax.Imports", "internal/syntax.FuzzImports"},
		{"pkg/validate/internal/refer.parseExternal", "pkg/validate/internal/refer.FuzzExternal"},
		{"pkg/validate/internal/rules.schedule", "pkg/validate/internal/rules.FuzzSchedule"},
	}
}
