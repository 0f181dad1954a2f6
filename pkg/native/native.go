// Package native provides the functions that Grafana Tanka adds to Jsonnet's
// standard library, for [eval.Input.Natives]: parsing and writing JSON and
// YAML, regular expressions, SHA-256, Helm charts and kustomizations. Names,
// parameters and results are Tanka's (https://tanka.dev/jsonnet/native), so
// that its libraries run as they are.
//
// Call [Functions] once and give the result to every evaluation. helmTemplate
// and kustomizeBuild run the programs helm and kustomize, which are needed only
// where a function is called; what a program printed is kept for the life of
// the functions and used again for equal input. Equal means: the same command
// line, the same standard input and the same contents of every file of the
// chart or of the kustomization, all of which count as read by the evaluation.
//
// Where this package differs from Tanka: arguments are checked, and fields of
// options that do not exist are refused; whole numbers stay whole in YAML, but for
// [Options.LikeTanka]; keys are in one order and quoted as package emitter says;
// aliases in YAML expand within bounds; what helm and kustomize print means what it
// means to an API server; integers that a float64 cannot hold are warned of; name
// formats know only those functions of sprig whose results repeat; helm's and
// kustomize's warnings are not shown.
package native

import (
	"context"
	"io/fs"

	"github.com/mop-platform/mop/pkg/emitter"
	"github.com/mop-platform/mop/pkg/eval"
	"github.com/mop-platform/mop/pkg/program"
)

// Options tells what the functions may use of the outside world. The zero value
// has no project on disk, so that helmTemplate and kustomizeBuild fail.
type Options struct {
	// Helm and Kustomize are the programs: a name to search in the PATH of
	// Environ or a path. "" is "helm" and "kustomize".
	Helm, Kustomize string
	// Files are the project's. nil has none on disk.
	Files Files
	// Environ is the environment of the programs as os.Environ returns it: they get
	// all of it. nil is an empty one, in which only a program given as a path is
	// found.
	Environ []string
	// Guard starts the programs, nil for none.
	Guard *program.Guard
	// Forbidden says what forbids to run programs, such as a flag. "" allows it.
	Forbidden string
	// LikeTanka writes numbers of YAML as Tanka does, large ones with an exponent,
	// 1e+06.
	LikeTanka bool
}

// Files finds the files of a project for a program that is to read them, as
// project.Project does. It must be safe for concurrent use.
type Files interface {
	// Path returns the path of the operating system for the name of a file or
	// directory. ok is false where there is none.
	Path(name string) (osPath string, ok bool)
	// Stat and ReadDir refuse what a program must not read, with
	// [project.ErrOutside].
	Stat(name string) (fs.FileInfo, error)
	ReadDir(ctx context.Context, name string) ([]fs.DirEntry, error)
	// Resolved returns the name that a file has without symbolic links.
	Resolved(name string) string
}

// Functions returns the native functions. They are safe for concurrent use and
// share one memory of what the programs printed.
func Functions(o Options) []eval.Native {
	style := emitter.Style{Wide: true, Exponents: o.LikeTanka}
	return []eval.Native{
		ofStrings("parseJson", parseJSON, "json"),
		ofStrings("parseYaml", parseYAML, "yaml"),
		{Name: "manifestJsonFromJson", Params: []string{"json", "indent"}, Func: manifestJSON},
		manifestYAML(style),
		ofStrings("escapeStringRegex", escapeRegex, "str"),
		ofStrings("regexMatch", regexMatch, "regex", "string"),
		ofStrings("regexSubst", regexSubst, "regex", "src", "repl"),
		ofStrings("sha256", sha256Hex, "str"),
		helmTemplate(newRenderer(o.Helm, "helm", o), o.Files, style),
		kustomizeBuild(newRenderer(o.Kustomize, "kustomize", o), o.Files),
	}
}
