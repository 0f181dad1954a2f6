package release

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestGatesRefused(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"unknown line", "# a\ndoor A 1.29=beta", `line 2: want releases, exact or a gate, got "door A 1.29=beta"`},
		{"no standing", "gate A", `line 1: want releases, exact or a gate, got "gate A"`},
		{"no release", "gate A beta", `line 1: want a minor version 1.NUMBER, got "beta"`},
		{"no stage", "gate A 1.29=on", `line 1: want a stage, got "on"`},
		{"late", "gate B 1.29=beta\ngate A 1.29=beta", "line 2: want the gates sorted, got A late"},
		{"bad range", "releases 1.29", `line 1: want a minor version 1.NUMBER, got ""`},
		{"bad list", "exact 1.29,", `line 1: want a minor version 1.NUMBER, got ""`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.EqualError(t, (&table{}).parseGates(tt.in), tt.want)
		})
	}
}

func TestChangesRefused(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"short", "A 1.29- rule file function", `line 1: want NAME RELEASES KIND FILE FUNCTION WHAT, got "A 1.29- rule file function"`},
		{"no range", "A 1.29 rule file function what", `line 1: want releases from-, -to or from-to, got "1.29"`},
		{"no bound", "A - rule file function what", `line 1: want releases from-, -to or from-to, got "-"`},
		{"no number", "A x- rule file function what", `line 1: want a minor version 1.NUMBER, got "x"`},
		{"no kind", "A 1.29- law file function what", `line 1: want the kind rule, judged or gone, got "law"`},
		{"late", "B 1.29- rule a b c\nA 1.29- rule a b c", "line 2: want the changes sorted, got A late"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.EqualError(t, (&table{}).parseChanges(tt.in), tt.want)
		})
	}
}
