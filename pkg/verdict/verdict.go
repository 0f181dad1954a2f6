// Package verdict asks kube-apiserver itself what it says of manifests, offline.
//
// Its code is in programs of their own, one for each release of Kubernetes,
// that the directory apiserver of mop's sources builds: linked into mop it would
// be the code of one release, and five times of mop's size. [Find] finds the
// program for a minor version, [Start] runs it, [Server.Judge] sends it objects
// and returns its verdicts:
//
//	program, err := verdict.Find(29, []string{"bin"})
//	server, err := verdict.Start(ctx, program, 29, verdict.Options{})
//	defer server.Close()
//	verdicts, err := server.Judge(objects)
//
// Where the program fails in any way there is an error and no verdict: one that
// is there is the program's own, on the object that it was asked about.
package verdict

import (
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/program"
	"github.com/mop-platform/mop/pkg/release"
	"github.com/mop-platform/mop/pkg/schema"
)

// Verdict is what an API server says of an object.
type Verdict struct {
	// Served says that the server knows the kind by itself. It knows no custom
	// resources; of those the rest is not set.
	Served bool
	// Valid says that it would create the object.
	Valid bool
	// Message has its words where it would not.
	Message string
	// Causes are the parts of the message that are about a field each; there
	// are none where it is not made of such.
	Causes []Cause
}

// Cause is one thing that is wrong with a field.
type Cause struct {
	// Path is the field as the API server spells it, such as
	// spec.containers[0].image or metadata.labels[a.b/c].
	Path string `json:"path"`
	// Type is a reason of the API (metav1.CauseType in k8s.io/apimachinery),
	// FieldUnknown or FieldDuplicate.
	Type    string `json:"type"`
	Message string `json:"message"`
}

// The types of causes that matter to those who compare them.
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
// be "", and the absolute ones of a list such as PATH. None is one that a project could
// bring.
func Dirs(self, list string) []string {
	dirs := slices.DeleteFunc(filepath.SplitList(list), func(dir string) bool { return !filepath.IsAbs(dir) })
	if self == "" {
		return dirs
	}
	return append([]string{filepath.Dir(self)}, dirs...)
}

// Find returns the path of the program for a minor version: that in the first
// of the directories that has it. The error is a [diag.Diagnostic].
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
		Kind: diag.NoServer, Values: diag.Values{"version": minor.String()},
		Subject: name, Problem: "no such program beside mop or on the PATH",
	}
}
