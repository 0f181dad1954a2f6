package report

import (
	"encoding/json"
	"io"
)

// jsonRecord is the form of a line. Fields are never left out, except for those that the
// source does not have.
type jsonRecord struct {
	Source            jsonSource    `json:"source"`
	APIVersion        string        `json:"apiVersion"`
	Kind              string        `json:"kind"`
	Namespace         string        `json:"namespace"`
	Name              string        `json:"name"`
	Path              string        `json:"path"`
	KubernetesVersion string        `json:"kubernetesVersion"`
	Status            string        `json:"status"`
	Findings          []jsonFinding `json:"findings"`
}

type jsonSource struct {
	File        string `json:"file"`
	Line        int    `json:"line,omitempty"`
	Environment string `json:"environment,omitempty"`
}

type jsonFinding struct {
	Severity string   `json:"severity"`
	Rule     string   `json:"rule"`
	Path     string   `json:"path"`
	Message  string   `json:"message"`
	Hints    []string `json:"hints"`
	Origins  []string `json:"origins"`
}

// lines writes JSON.
type lines struct{ enc *json.Encoder }

// JSON returns a Writer of one JSON object a line, one for each record.
func JSON(w io.Writer) Writer {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return lines{enc}
}

func (l lines) Write(records ...Record) error {
	for _, r := range records {
		if err := l.write(r); err != nil {
			return err
		}
	}
	return nil
}

func (l lines) write(r Record) error {
	source := r.Object.Source
	issues := r.issues()
	if len(r.Unread) > 0 {
		source = issues[0].at
	}
	record := jsonRecord{
		Source:     jsonSource{source.File, source.Line, r.Environment},
		APIVersion: r.APIVersion,
		Kind:       r.ID.Kind, Namespace: r.ID.Namespace, Name: r.ID.Name,
		Status:   r.Status.String(),
		Findings: []jsonFinding{},
	}
	if r.Minor != 0 {
		record.KubernetesVersion = r.Minor.String()
	}
	if len(r.Object.Path) > 0 {
		record.Path = r.Object.Path.String()
	}
	for _, i := range issues {
		f := jsonFinding{Severity: i.severity.String(), Rule: string(i.rule), Message: i.problem, Hints: i.hints, Origins: []string{}}
		if len(i.path) > 0 {
			f.Path = i.path.String()
		}
		if f.Hints == nil {
			f.Hints = []string{}
		}
		for _, origin := range i.origins {
			f.Origins = append(f.Origins, origin.String())
		}
		record.Findings = append(record.Findings, f)
	}
	return l.enc.Encode(record)
}

func (l lines) Close() error { return nil }
