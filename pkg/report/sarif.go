package report

import (
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

// The parts of SARIF 2.1.0 that are written
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

// WriteSARIF writes a SARIF 2.1.0 log, as GitHub's code scanning takes it, with
// a result for each finding. version is that of the program, "" if it is not
// known. Where no line is known, a finding is at the first one of its file.
func WriteSARIF(w io.Writer, records []Record, version string) error {
	run := sarifRun{Tool: sarifTool{sarifDriver{Name: "mop", Version: version}}, Results: []sarifResult{}}
	rules, titleOf := validate.Rules(), titles(records)
	for _, rule := range rules {
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{string(rule), sarifText{rule.Description()}})
	}
	for _, r := range records {
		for _, i := range r.issues() {
			text, title := i.message(), titleOf(r)
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
			run.Results = append(run.Results, sarifResult{
				RuleID: string(i.rule), RuleIndex: slices.Index(rules, i.rule),
				Level: i.severity.String(), Message: sarifText{text},
				Locations:    []sarifLocation{location},
				Related:      related,
				Fingerprints: map[string]string{"primaryLocationLineHash": fingerprint(title, i)},
			})
		}
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(sarifLog{
		Schema:  "https://json.schemastore.org/sarif-2.1.0.json",
		Version: "2.1.0",
		Runs:    []sarifRun{run},
	})
}

func physical(p diag.Position) sarifPhysical {
	return sarifPhysical{sarifArtifact{fileURI(p.File)}, sarifRegion{max(p.Line, 1)}}
}

// fingerprint tells findings apart, which may stand at the same line, and stays
// where lines move.
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
