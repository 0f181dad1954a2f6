package report

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/validate"
)

// These types are the parts of SARIF 2.1.0 that are written
// (https://docs.oasis-open.org/sarif/sarif/v2.1.0/).
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool    sarifTool     `json:"tool"`
		Results []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name    string      `json:"name"`
		Version string      `json:"version,omitempty"`
		Rules   []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID               string    `json:"id"`
		ShortDescription sarifText `json:"shortDescription"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID       string            `json:"ruleId"`
		RuleIndex    int               `json:"ruleIndex"`
		Level        string            `json:"level"`
		Message      sarifText         `json:"message"`
		Locations    []sarifLocation   `json:"locations"`
		Related      []sarifRelated    `json:"relatedLocations,omitempty"`
		Fingerprints map[string]string `json:"partialFingerprints"`
	}
	sarifLocation struct {
		Physical sarifPhysical  `json:"physicalLocation"`
		Logical  []sarifLogical `json:"logicalLocations,omitempty"`
	}
	sarifRelated struct {
		ID       int            `json:"id"`
		Physical *sarifPhysical `json:"physicalLocation,omitempty"`
		Message  sarifText      `json:"message"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   sarifRegion   `json:"region"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine int `json:"startLine"`
	}
	sarifLogical struct {
		Name string `json:"fullyQualifiedName"`
	}
)

// sarif writes results between the beginning of a log and its end.
type sarif struct {
	w       io.Writer
	o       Options
	rules   []validate.Rule
	end     []byte
	results int
}

// SARIF returns a Writer of a SARIF 2.1.0 log, as GitHub's code scanning accepts it, with a
// result for each finding. A finding without a known line is at the first line of its file.
func SARIF(w io.Writer, o Options) Writer { return &sarif{w: w, o: o, rules: rules()} }

// begin writes everything before the results.
func (s *sarif) begin() error {
	if s.end != nil {
		return nil
	}
	run := sarifRun{Tool: sarifTool{sarifDriver{Name: "mop", Version: s.o.Version}}, Results: []sarifResult{}}
	for _, rule := range Declarations() {
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{string(rule.Rule), sarifText{rule.Holds}})
	}
	log, err := encode(sarifLog{
		Schema:  "https://json.schemastore.org/sarif-2.1.0.json",
		Version: "2.1.0",
		Runs:    []sarifRun{run},
	}, "")
	if err != nil {
		return err
	}
	at := bytes.LastIndexByte(log[:bytes.LastIndexByte(log, ']')], ']')
	s.end = log[at:]
	_, err = s.w.Write(log[:at])
	return err
}

// encode returns indented JSON, with a newline after it. Every line but the first begins
// with prefix.
func encode(value any, prefix string) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent(prefix, "  ")
	err := enc.Encode(value)
	return b.Bytes(), err
}

func (s *sarif) Write(records ...Record) error {
	for _, r := range records {
		if err := s.write(r); err != nil {
			return err
		}
	}
	return nil
}

func (s *sarif) write(r Record) error {
	if err := s.begin(); err != nil {
		return err
	}
	const prefix = "        "
	for _, i := range r.issues() {
		text, err := encode(s.result(r, i), prefix)
		if err != nil {
			return err
		}
		separator := ",\n" + prefix
		if s.results == 0 {
			separator = separator[1:]
		}
		s.results++
		if _, err := s.w.Write(append([]byte(separator), bytes.TrimSuffix(text, []byte("\n"))...)); err != nil {
			return err
		}
	}
	return nil
}

func (s *sarif) Close() error {
	if err := s.begin(); err != nil {
		return err
	}
	end := s.end
	if s.results > 0 {
		end = append([]byte("\n      "), end...)
	}
	_, err := s.w.Write(end)
	return err
}

func (s *sarif) result(r Record, i issue) sarifResult {
	text, title := i.message(), r.title(s.o.Several)
	location := sarifLocation{Physical: physical(i.at)}
	var related []sarifRelated
	for n, p := range i.related {
		// A flag is in no file.
		r := sarifRelated{ID: n + 1, Message: sarifText{"the value comes from " + p.String()}}
		if p.IsFile() {
			at := physical(p)
			r.Physical, r.Message.Text = &at, "has a part in the value"
		}
		related = append(related, r)
	}
	if title != "" {
		text = title + ": " + text
		location.Logical = []sarifLogical{{strings.TrimSuffix(title+": "+i.path.String(), ": .")}}
	}
	return sarifResult{
		RuleID: string(i.rule), RuleIndex: slices.Index(s.rules, i.rule),
		Level: i.severity.String(), Message: sarifText{text},
		Locations:    []sarifLocation{location},
		Related:      related,
		Fingerprints: map[string]string{"primaryLocationLineHash": fingerprint(title, i)},
	}
}

func physical(p diag.Position) sarifPhysical {
	return sarifPhysical{sarifArtifact{fileURI(p.File)}, sarifRegion{max(p.Line, 1)}}
}

// fingerprint identifies a finding, of which there may be several at one line. It stays the
// same if lines move.
func fingerprint(title string, i issue) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{title, i.path.String(), string(i.rule), i.problem}, "\x00")))
	return hex.EncodeToString(sum[:8]) + ":1"
}

// fileURI returns the name of a file as a URI: relative if the name is.
func fileURI(name string) string {
	u := url.URL{Path: strings.Trim(cmp.Or(name, "unknown"), "<>")}
	if path.IsAbs(u.Path) {
		u.Scheme = "file"
	}
	return u.String()
}
