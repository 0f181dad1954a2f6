package e2e

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// A verdict is a line of the corpus.
type verdict struct {
	How     string          `json:"how"`
	ID      int             `json:"id"`
	Message string          `json:"message"`
	Object  json.RawMessage `json:"object"`
	Valid   bool            `json:"valid"`
}

// judge asks the server about the objects in all, and sets Valid and Message there.
func (c *cluster) judge(t *testing.T, all []verdict) {
	t.Helper()
	inParallel(len(all), func(i int) {
		err := c.refusal(all[i].Object)
		all[i].Valid, all[i].Message = err == nil, ""
		if err != nil {
			// An error that is not the server's is no verdict.
			assert.ErrorAs(t, err, new(apierrors.APIStatus), "%d", all[i].ID)
			all[i].Message = err.Error()
		}
	})
}

// refusal creates a manifest in a dry run, and returns the server's refusal or nil. A
// namespaced object is created in the namespace "default". If it names another namespace,
// it is moved there first, unless that name is invalid.
func (c *cluster) refusal(manifest []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(manifest))
	decoder.UseNumber()
	var object map[string]any
	if err := decoder.Decode(&object); err != nil {
		return err
	}
	if metadata, ok := object["metadata"].(map[string]any); ok {
		if namespace, ok := metadata["namespace"].(string); ok && len(validation.ValidateNamespaceName(namespace, false)) == 0 {
			metadata["namespace"] = metav1.NamespaceDefault
		}
	}
	moved, err := json.Marshal(object)
	if err != nil {
		return err
	}
	apiVersion, _ := object["apiVersion"].(string)
	kind, _ := object["kind"].(string)
	return c.create(schema.FromAPIVersionAndKind(apiVersion, kind), metav1.NamespaceDefault, moved, metav1.DryRunAll)
}

// ask returns the answers of the program of the release about the objects.
func (r Release) ask(t *testing.T, objects []verdict) []verdict {
	t.Helper()
	var questions bytes.Buffer
	for _, o := range objects {
		require.NoError(t, json.NewEncoder(&questions).Encode(o))
	}
	cmd := exec.Command(abs(t, root+"/bin/mop-apiserver-"+r.Version))
	cmd.Stdin = &questions
	var answers []verdict
	for i, line := range bytes.SplitAfter(output(t, cmd), []byte("\n")) {
		// The first line identifies the program, the last is empty.
		if i > 0 && len(line) > 0 {
			var answer verdict
			require.NoError(t, json.Unmarshal(line, &answer))
			answers = append(answers, answer)
		}
	}
	require.Len(t, answers, len(objects))
	return answers
}

// unknownKind is the program's message about a kind that the server does not serve by
// itself.
const unknownKind = "unknown-kind"

// agrees compares the verdicts and the words of the program of the release with those of
// the server. It leaves out unknown kinds.
func (r Release) agrees(t *testing.T, want []verdict) {
	t.Helper()
	for i, got := range r.ask(t, want) {
		if got.Message != unknownKind {
			assert.Equal(t, want[i].Valid, got.Valid, "%d: want %q, got %q", want[i].ID, want[i].Message, got.Message)
			assert.Equal(t, words(want[i].Message), words(got.Message), "%d: want %q, got %q", want[i].ID, want[i].Message, got.Message)
		}
	}
}

// words returns the words of a message, sorted, because their order may differ. The server
// goes through labels in random order. It names unknown fields in the order of the
// manifest, and the corpus has sorted these.
func words(message string) []string {
	all := strings.Fields(strings.NewReplacer(",", " ", "[", " ", "]", " ").Replace(message))
	slices.Sort(all)
	return all
}
