package diag

import "encoding/json"

// MarshalText returns [Severity.String]. The error is always nil.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalJSON returns the diagnostic as an object: severity is "error" or "warning", code is
// the Code, at the place, subject and problem are the texts, origins the places, and hints
// all of [Diagnostic.Advice]. It leaves out what the diagnostic does not have. The returned
// error is always nil. The names are stable: a later version adds some, and takes none away.
func (d Diagnostic) MarshalJSON() ([]byte, error) {
	var at *Position
	if d.At != (Position{}) {
		at = &d.At
	}
	return json.Marshal(struct {
		Severity Severity   `json:"severity"`
		Code     string     `json:"code,omitempty"`
		At       *Position  `json:"at,omitempty"`
		Subject  string     `json:"subject,omitempty"`
		Problem  string     `json:"problem"`
		Origins  []Position `json:"origins,omitempty"`
		Hints    []string   `json:"hints,omitempty"`
	}{d.Severity, d.Code, at, d.Subject, d.Problem, d.Origins, d.Advice(nil)})
}
