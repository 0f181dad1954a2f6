package apiservertest

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/apiserver"
	"github.com/mop-platform/mop/apiserver/command"
)

// testLines tests that the program keeps to the protocol of package command.
func testLines(t *testing.T, release apiserver.Release) {
	const pod = `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i"`
	for name, test := range map[string]struct {
		question string
		want     command.Verdict
	}{
		"valid":        {`{"id": 1, "object": ` + pod + `}]}}}`, command.Verdict{ID: []byte("1"), Valid: true}},
		"id of a text": {`{"id": "a", "how": "base", "object": ` + pod + `}]}}}`, command.Verdict{ID: []byte(`"a"`), Valid: true}},
		"unknown kind": {`{"id": 1, "object": {"apiVersion": "example.org/v1", "kind": "Gizmo"}}`, command.Verdict{ID: []byte("1"), Message: command.UnknownKind}},
		"no object":    {`{"id": 1}`, command.Verdict{ID: []byte("1"), Message: command.UnknownKind}},
		"value": {`{"id": 1, "object": ` + pod + `,"imagePullPolicy":"Now"}]}}}`, command.Verdict{
			ID:      []byte("1"),
			Message: `Pod "p" is invalid: spec.containers[0].imagePullPolicy: Unsupported value: "Now": supported values: "Always", "IfNotPresent", "Never"`,
			Causes:  []command.Cause{{Path: "spec.containers[0].imagePullPolicy", Type: "FieldValueNotSupported", Message: `Unsupported value: "Now": supported values: "Always", "IfNotPresent", "Never"`}},
		}},
		"unknown field": {`{"id": 1, "object": ` + pod + `,"imge":"x"}]}}}`, command.Verdict{
			ID:      []byte("1"),
			Message: `Pod in version "v1" cannot be handled as a Pod: strict decoding error: unknown field "spec.containers[0].imge"`,
			Causes:  []command.Cause{{Path: "spec.containers[0].imge", Type: "FieldUnknown", Message: `unknown field "spec.containers[0].imge"`}},
		}},
		"duplicate field": {`{"id": 1, "object": ` + pod + `,"image":"x"}]}}}`, command.Verdict{
			ID:      []byte("1"),
			Message: `Pod in version "v1" cannot be handled as a Pod: strict decoding error: duplicate field "spec.containers[0].image"`,
			Causes:  []command.Cause{{Path: "spec.containers[0].image", Type: "FieldDuplicate", Message: `duplicate field "spec.containers[0].image"`}},
		}},
		"another type": {`{"id": 1, "object": ` + pod + `,"tty":"yes"}]}}}`, command.Verdict{
			ID:      []byte("1"),
			Message: `Pod in version "v1" cannot be handled as a Pod: json: cannot unmarshal string into Go struct field Container.spec.containers.tty of type bool`,
			Causes:  []command.Cause{{Path: "spec.containers.tty", Type: "FieldValueTypeInvalid", Message: `json: cannot unmarshal string into Go struct field Container.spec.containers.tty of type bool`}},
		}},
		"no field": {`{"id": 1, "object": ` + pod + `}],"priority":5}}}`, command.Verdict{
			ID:      []byte("1"),
			Message: `pods "p" is forbidden: the integer value of priority (5) must not be provided in pod spec; priority admission controller computed 0 from the given PriorityClass name`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			lines := serve(t, release, test.question)
			require.Len(t, lines, 2)
			assert.Regexp(t, regexp.MustCompile(`^\{"kubernetes":"1\.\d+\.\d+","protocol":1\}$`), lines[0])
			var got command.Verdict
			require.NoError(t, json.Unmarshal([]byte(lines[1]), &got))
			assert.Equal(t, test.want, got)
		})
	}
	t.Run("order", func(t *testing.T) {
		lines := serve(t, release, `{"id": 2} {"id": 1}`+"\n"+`{"id": 3}`)
		require.Len(t, lines, 4)
		for i, id := range []string{"2", "1", "3"} {
			assert.Equal(t, `{"id":`+id+`,"valid":false,"message":"unknown-kind"}`, lines[i+1])
		}
	})
	t.Run("not JSON", func(t *testing.T) {
		err := command.Serve(release, apiserver.Options{}, strings.NewReader("a: b\n"), &strings.Builder{})
		assert.ErrorContains(t, err, "standard input: invalid character 'a'")
	})
}

// serve returns the lines of the program's output for an input.
func serve(t *testing.T, release apiserver.Release, input string) []string {
	t.Helper()
	var out strings.Builder
	require.NoError(t, command.Serve(release, apiserver.Options{}, strings.NewReader(input), &out))
	return strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
}
