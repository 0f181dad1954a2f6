package diag

import "github.com/mop-platform/mop/internal/failure"

// Advice returns actions that would mend the fault: the hints of the code whose values are
// known, and then the diagnostic's own hints. path translates file names as [Options.Path]
// does; nil leaves them alone.
//
// The hints are written for users of the mop command, and may name its flags. In a program
// that uses the packages, --ext-str and --tla-str are jsonnet.Args, --timeout and --max-stack
// are jsonnet.Limits, and -J is Config.ImportDirs of package render.
func (d Diagnostic) Advice(path func(string) string) []string {
	if path == nil {
		path = asStored
	}
	return append(failure.Advice(d.Code, func(name string) []string { return texts(d.Values[name], path) }), d.Hints...)
}

// texts returns the texts of a value that hints show, none if there is nothing to show.
func texts(value any, path func(string) string) []string {
	switch value := value.(type) {
	case string:
		if value != "" {
			return []string{value}
		}
	case []string:
		return value
	case Position:
		return []string{value.shown(path)}
	case []Position:
		var all []string
		for _, p := range value {
			all = append(all, p.shown(path))
		}
		return all
	}
	return nil
}

// shown returns the text of p with the name of its file as path translates it.
func (p Position) shown(path func(string) string) string {
	p.File = path(p.File)
	return p.String()
}
