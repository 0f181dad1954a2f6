// Package native provides the functions that Grafana Tanka adds to Jsonnet's
// standard library, for [eval.Input.Natives]: parsing and writing JSON and
// YAML, regular expressions, SHA-256, Helm charts and kustomizations. Names,
// parameters and results are Tanka's (https://tanka.dev/jsonnet/native), so
// that its libraries run as they are.
//
// Call [Functions] once and give the result to every evaluation. helmTemplate and
// kustomizeBuild run the programs helm and kustomize, which are needed only if these
// functions are called. They keep the output of a program, within [Options.Cache], and use it
// again for equal input. The input is the command line, the standard input and the contents
// of all files of the chart or the kustomization. All these files count as read by the
// evaluation.
//
// This package differs from Tanka. Arguments are checked, and unknown fields of options are
// refused. Whole numbers stay whole in YAML, unless [Options.LikeTanka] is set. Keys have
// one order and are quoted as package emitter says. Aliases in YAML expand within bounds.
// The output of helm and kustomize is read as an API server reads it. Integers that a
// float64 cannot hold cause warnings. Name formats have only those functions of sprig whose
// results repeat. The warnings of helm and kustomize are not shown.
package native

import (
	"context"
	"io/fs"

	"github.com/mop-platform/mop/internal/emitter"
	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/program"
)

// Options says what the functions may use of the outside world. The zero value has no
// project on disk, so helmTemplate and kustomizeBuild fail.
type Options struct {
	// Helm and Kustomize are the programs: a name to search in the PATH of
	// Environ or a path. "" is "helm" and "kustomize".
	Helm, Kustomize string
	// Files are the files of the project; nil means that it is not on disk.
	Files Files
	// Environ is the whole environment of the programs, as os.Environ returns it. nil is an
	// empty environment; then a program must be given as a path.
	Environ []string
	// Dir is the directory in which they run, "" for that of this process.
	Dir string
	// Guard starts the programs. If it is nil, they start without one.
	Guard *program.Guard
	// Forbidden is the name of the flag or variable that forbids programs; "" allows them.
	Forbidden string
	// Setting is what a caller who trusts the code can set to allow them, "" if it is to
	// leave Forbidden out.
	Setting string
	// LikeTanka writes numbers of YAML as Tanka does, large ones with an exponent,
	// 1e+06.
	LikeTanka bool
	// Cache is about how many bytes of the programs' output the functions keep, of each
	// program; 0 is no limit. They forget what they got first.
	Cache int64
}

// Files finds the files of a project for a program that reads them, as project.Project
// does. It must be safe for concurrent use.
type Files interface {
	// Path returns the operating system's path of the named file or directory. ok is false
	// if there is none.
	Path(name string) (osPath string, ok bool)
	// Stat and ReadDir refuse files that a program must not read, with [project.ErrOutside].
	Stat(ctx context.Context, name string) (fs.FileInfo, error)
	ReadDir(ctx context.Context, name string) ([]fs.DirEntry, error)
	// Resolved returns the name of a file without symbolic links.
	Resolved(name string) string
}

// Functions returns the native functions. They are safe for concurrent use and share one
// cache of the programs' output.
func Functions(o Options) []eval.Native {
	style := emitter.Style{Wide: true, Exponents: o.LikeTanka}
	functions := []eval.Native{
		ofStrings("parseJson", parseJSON, "json"),
		ofStrings("parseYaml", parseYAML, "yaml"),
		{Name: "manifestJsonFromJson", Params: []string{"json", "indent"}, Func: manifestJSON},
		manifestYAML(style),
		ofStrings("escapeStringRegex", escapeRegex, "str"),
		ofStrings("regexMatch", regexMatch, "regex", "string"),
		ofStrings("regexSubst", regexSubst, "regex", "src", "repl"),
		ofStrings("sha256", sha256Hex, "str"),
		helmTemplate(newRenderer(o.Helm, "helm", "TANKA_HELM_PATH", o), o.Files, style),
		kustomizeBuild(newRenderer(o.Kustomize, "kustomize", "TANKA_KUSTOMIZE_PATH", o), o.Files),
	}
	for i := range functions {
		functions[i].Prompt = true
	}
	return functions
}
