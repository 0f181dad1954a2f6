package report

import (
	"bufio"
	"bytes"
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
}

type junitSuite struct {
	XMLName xml.Name `xml:"testsuite"`
	Name    string   `xml:"name,attr"`
	junitCounts
	// cases is the XML of the cases.
	cases bytes.Buffer
}

type junitCase struct {
	XMLName   xml.Name     `xml:"testcase"`
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

// junit collects suites, because their counts come before their cases.
type junit struct {
	w      io.Writer
	all    junitSuites
	suites map[string]*junitSuite
	order  []*junitSuite
}

// JUnit returns a Writer of XML as test runners write it: a suite for each environment or
// file and version of Kubernetes, with a case for each object. An object with errors fails,
// one that cannot be checked is an error, and one of an unknown kind without errors is
// skipped. Close writes everything.
func JUnit(w io.Writer) Writer {
	return &junit{w: w, all: junitSuites{Name: "mop validate"}, suites: map[string]*junitSuite{}}
}

func (j *junit) Write(records ...Record) error {
	for _, r := range records {
		if err := j.write(r); err != nil {
			return err
		}
	}
	return nil
}

func (j *junit) write(r Record) error {
	name := r.source()
	if r.Minor != 0 {
		name += " (Kubernetes " + r.Minor.String() + ")"
	}
	suite, ok := j.suites[name]
	if !ok {
		suite = &junitSuite{Name: name}
		j.suites[name] = suite
		j.order = append(j.order, suite)
	}
	c := r.junit()
	suite.count(c)
	j.all.count(c)
	suite.cases.WriteByte('\n')
	enc := xml.NewEncoder(&suite.cases)
	enc.Indent("    ", "  ")
	return enc.Encode(c)
}

func (j *junit) Close() error {
	b := bufio.NewWriter(j.w)
	b.WriteString(xml.Header)
	// around writes the tags of an element with the content between them.
	around := func(element any, prefix string, content func() error) error {
		var tags bytes.Buffer
		enc := xml.NewEncoder(&tags)
		enc.Indent(prefix, "  ")
		if err := enc.Encode(element); err != nil {
			return err
		}
		end := bytes.LastIndex(tags.Bytes(), []byte("</"))
		b.Write(tags.Bytes()[:end])
		if err := content(); err != nil {
			return err
		}
		b.Write(tags.Bytes()[end:])
		return nil
	}
	err := around(j.all, "", func() error {
		for _, suite := range j.order {
			b.WriteByte('\n')
			err := around(suite, "  ", func() error {
				b.Write(suite.cases.Bytes())
				b.WriteString("\n  ")
				return nil
			})
			if err != nil {
				return err
			}
		}
		if len(j.order) > 0 {
			b.WriteByte('\n')
		}
		return nil
	})
	if err != nil {
		return err
	}
	b.WriteByte('\n')
	return b.Flush()
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
