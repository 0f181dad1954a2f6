package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/validate"
)

type junitCounts struct {
	Tests    int `xml:"tests,attr"`
	Failures int `xml:"failures,attr"`
	Errors   int `xml:"errors,attr"`
	Skipped  int `xml:"skipped,attr"`
}

type junitSuites struct {
	XMLName xml.Name `xml:"testsuites"`
	Name    string   `xml:"name,attr"`
	junitCounts
	Suites []*junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name string `xml:"name,attr"`
	junitCounts
	Cases []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name      string       `xml:"name,attr"`
	ClassName string       `xml:"classname,attr"`
	File      string       `xml:"file,attr"`
	Failure   *junitResult `xml:"failure"`
	Error     *junitResult `xml:"error"`
	Skipped   *junitResult `xml:"skipped"`
	SystemOut string       `xml:"system-out,omitempty"`
}

type junitResult struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

// WriteJUnit writes XML as test runners do: a suite for each environment or file
// and version of Kubernetes, in it a case for each object. An object with errors
// fails, one that cannot be checked is an error, and one of an unknown kind
// without a finding is skipped.
func WriteJUnit(w io.Writer, records []Record) error {
	all := junitSuites{Name: "mop validate"}
	suites := map[string]*junitSuite{}
	for _, r := range records {
		name := r.source()
		if r.Minor != 0 {
			name += " (Kubernetes " + r.Minor.String() + ")"
		}
		suite, ok := suites[name]
		if !ok {
			suite = &junitSuite{Name: name}
			suites[name] = suite
			all.Suites = append(all.Suites, suite)
		}
		c := r.junit()
		suite.Cases = append(suite.Cases, c)
		suite.count(c)
		all.count(c)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func (n *junitCounts) count(c junitCase) {
	n.Tests++
	switch {
	case c.Failure != nil:
		n.Failures++
	case c.Error != nil:
		n.Errors++
	case c.Skipped != nil:
		n.Skipped++
	}
}

func (r Record) junit() junitCase {
	c := junitCase{Name: r.object(), ClassName: r.source(), File: r.Object.Source.File}
	if c.Name == "" {
		c.Name = r.source()
	}
	var failed []issue
	var errors, warnings []string
	for _, i := range r.issues() {
		at := ""
		if i.at.File != "" {
			at = i.at.String() + ": "
		}
		if i.severity == diag.Error {
			failed = append(failed, i)
			errors = append(errors, at+i.messageAndRelated())
		} else {
			warnings = append(warnings, "warning: "+at+i.messageAndRelated())
		}
	}
	c.SystemOut = strings.Join(warnings, "\n")
	var result *junitResult
	if len(failed) > 0 {
		message, _, _ := strings.Cut(failed[0].message(), "\n")
		if len(failed) > 1 {
			message += fmt.Sprintf(" (and %d more)", len(failed)-1)
		}
		result = &junitResult{message, string(failed[0].rule), strings.Join(errors, "\n")}
	}
	switch {
	case r.Status == validate.Broken:
		c.Error = result
	case result != nil:
		c.Failure = result
	case r.Status == validate.UnknownKind:
		c.Skipped = &junitResult{Message: "the kind is not known"}
	}
	return c
}
