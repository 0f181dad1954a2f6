// Package verdict asks kube-apiserver itself for its verdict on manifests, offline.
//
// The code of kube-apiserver is in programs of its own, one for each release of Kubernetes,
// which the directory apiserver of mop's sources builds. Linked into mop, it would be the
// code of one release only, and five times mop's size. [Find] finds the program for a minor
// version, [Start] runs it, and [Server.Judge] sends it objects and returns its verdicts:
//
//	program, err := verdict.Find(29, []string{"bin"})
//	server, err := verdict.Start(ctx, program, 29, verdict.Options{})
//	defer server.Close()
//	verdicts, err := server.Judge(objects)
//
// If the program fails in any way, there is an error and no verdict. A verdict is always
// the program's own, on the object in question.
package verdict

import (
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/internal/program"
	"github.com/mop-platform/mop/internal/release"
	"github.com/mop-platform/mop/internal/schema"
	"github.com/mop-platform/mop/pkg/diag"
)

// Verdict is an API server's verdict on an object.
type Verdict struct {
	// Served says that the server itself has the kind. It has no custom resources; for
	// these the other fields are not set.
	Served bool
	// Valid says that it would create the object.
	Valid bool
	// Message has its words if it would not create the object.
	Message string
	// Causes are the parts of the message that are about one field each. There are none if
	// the message has no such parts.
	Causes []Cause
}

// Cause is one fault of a field.
type Cause struct {
	// Path is the field as the API server spells it, such as
	// spec.containers[0].image or metadata.labels[a.b/c].
	Path string `json:"path"`
	// Type is a reason of the API (metav1.CauseType in k8s.io/apimachinery),
	// FieldUnknown or FieldDuplicate.
	Type    string `json:"type"`
	Message string `json:"message"`
}

// The types of causes that callers compare.
const (
	FieldMistyped    = "FieldValueTypeInvalid" // may lack the indexes in its path
	ValueInvalid     = "FieldValueInvalid"
	ValueUnsupported = "FieldValueNotSupported"
	ValueDuplicate   = "FieldValueDuplicate"
)

// Program returns the name of the program for a minor version.
func Program(minor schema.Minor) string {
	name := "mop-apiserver-" + minor.String()
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	return name
}

// Dirs returns the directories in which [Find] looks: that of the program self, which may
// be "", and the absolute ones of a list such as PATH. A project can bring none of them.
func Dirs(self, list string) []string {
	dirs := slices.DeleteFunc(filepath.SplitList(list), func(dir string) bool { return !filepath.IsAbs(dir) })
	if self == "" {
		return dirs
	}
	return append([]string{filepath.Dir(self)}, dirs...)
}

// Find returns the path of the program for a minor version, from the first of the
// directories that has it. The error is a [diag.Diagnostic].
func Find(minor schema.Minor, dirs []string) (string, error) {
	name := Program(minor)
	if file, err := program.FindIn(dirs, name); err == nil {
		return file, nil
	}
	if releases := release.Exact(); !slices.Contains(releases, minor) {
		var names []string
		for _, r := range releases {
			names = append(names, r.String())
		}
		return "", diag.Diagnostic{Subject: name, Problem: fmt.Sprintf("no such program: want the API server of kubernetes %s, got %s", strings.Join(names, " or "), minor)}
	}
	return "", diag.Diagnostic{
		Code: failure.NoServer, Values: map[string]any{"version": minor.String()},
		Subject: name, Problem: "no such program beside mop or on the PATH",
	}
}
