package spelling_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/mop-platform/mop/internal/spelling"
)

func TestSuggest(t *testing.T) {
	fields := []string{strings.Repeat("x", 1<<20+1), "namespace", "injectLabels", "apiServer", "contextNames", "eta", "etb"}
	tests := []struct{ name, want string }{
		{"injectLables", "injectLabels"},
		{"namspace", "namespace"},
		{"apiserver", "apiServer"},
		{"etc", "eta"},
		{"replicas", ""},
		{"", ""},
		{strings.Repeat("x", 1<<20), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, spelling.Suggest(tt.name, fields))
		})
	}
}

func TestNearest(t *testing.T) {
	tests := []struct {
		name       string
		candidates []string
		want       []string
	}{
		{"none", nil, nil},
		{"webs", []string{"website", "web"}, []string{"web"}},
		{"prod", []string{"prof", "proc", "prod-eu"}, []string{"proc", "prof"}},
		{"same", []string{"same", "some", "same"}, []string{"same"}},
		{"a", []string{"b"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, spelling.Nearest(tt.name, tt.candidates))
		})
	}
}
