package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"

	"github.com/mop-platform/mop/apiserver/testserver"
)

// manifests is the file whose manifests are judged, whatever the release.
const manifests = "apiserver-1.29-verdicts.jsonl"

// recordedLength is where the recorded messages are cut off, in characters.
const recordedLength = 600

// A verdict is a line of the corpus.
type verdict struct {
	How     string          `json:"how"`
	ID      int             `json:"id"`
	Message string          `json:"message"`
	Object  json.RawMessage `json:"object"`
	Valid   bool            `json:"valid"`
}

// Corpus has the server judge the manifests of the corpus. Where the verdicts of
// its release are recorded, these are the same; those of mop validate --exact
// are, and of built-in kinds the very words of the program that it asks.
func Corpus(t *testing.T, r Release) {
	got := r.verdicts(t)
	t.Run("recorded", func(t *testing.T) {
		file := filepath.Join(*corpus, "apiserver-"+r.Version+"-verdicts.jsonl")
		if _, err := os.Stat(file); err != nil {
			t.Skip(err)
		}
		for i, want := range read(t, file) {
			assert.Equal(t, want.Valid, got[i].Valid, "%d: want %q, got %q", i, want.Message, got[i].Message)
			if len([]rune(want.Message)) < recordedLength {
				assert.Equal(t, words(want.Message), words(got[i].Message), "%d: want %q, got %q", i, want.Message, got[i].Message)
			}
		}
	})
	t.Run("mop", func(t *testing.T) {
		valid := r.validity(t, "--allow-privileged=false", "-f", objectsFile(t, got), "--crd", abs(t, filepath.Join(*corpus, "crds")))
		require.Len(t, valid, len(got))
		for i, want := range got {
			assert.Equal(t, want.Valid, valid[i], "%d: %s", want.ID, want.Message)
		}
	})
	t.Run("program", func(t *testing.T) {
		for i, answer := range r.ask(t, got) {
			if answer.Message == "unknown-kind" {
				continue
			}
			assert.Equal(t, got[i].Valid, answer.Valid, "%d: want %q, got %q", got[i].ID, got[i].Message, answer.Message)
			assert.Equal(t, words(got[i].Message), words(answer.Message), "%d: want %q, got %q", got[i].ID, got[i].Message, answer.Message)
		}
	})
}

// words returns the words of a message in no order. It has none itself: the server
// goes through labels in any order, and names unknown fields in the order of the
// manifest, whose fields the corpus has sorted.
func words(message string) []string {
	all := strings.Fields(strings.NewReplacer(",", " ", "[", " ", "]", " ").Replace(message))
	slices.Sort(all)
	return all
}

// Record writes the verdicts of the server to the file that is asked for.
func Record(t *testing.T, r Release) {
	if *record == "" {
		t.Skip("no -record")
	}
	write(t, *record, r.verdicts(t))
}

// verdicts are those of a server of the release on the manifests of the corpus.
func (r Release) verdicts(t *testing.T) []verdict {
	t.Helper()
	all := read(t, filepath.Join(*corpus, manifests))
	c := connect(t, testserver.Start(t, r.Run))
	prepare(t, c)
	inParallel(len(all), func(i int) {
		err := judge(c, all[i].Object)
		all[i].Valid, all[i].Message = err == nil, ""
		if err != nil {
			all[i].Message = err.Error()
		}
	})
	return all
}

// prepare makes what the manifests need: the definitions of custom resources, and
// what a controller makes in every namespace.
func prepare(t *testing.T, c *cluster) {
	t.Helper()
	_, err := c.CoreV1().ServiceAccounts(metav1.NamespaceDefault).Create(background, &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "default"}}, metav1.CreateOptions{})
	require.NoError(t, err)
	files, err := filepath.Glob(filepath.Join(*corpus, "crds", "*.yaml"))
	require.NoError(t, err)
	definition := schema.GroupVersionKind{Group: "apiextensions.k8s.io", Version: "v1", Kind: "CustomResourceDefinition"}
	var kinds []schema.GroupVersionKind
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		manifest, err := yaml.YAMLToJSON(text)
		require.NoError(t, err)
		require.NoError(t, c.create(definition, "", manifest), file)
		var crd struct {
			Spec struct {
				Group    string
				Names    struct{ Kind string }
				Versions []struct{ Name string }
			}
		}
		require.NoError(t, json.Unmarshal(manifest, &crd))
		kinds = append(kinds, schema.GroupVersionKind{Group: crd.Spec.Group, Version: crd.Spec.Versions[0].Name, Kind: crd.Spec.Names.Kind})
	}
	require.Eventually(t, func() bool {
		c.discover(t)
		for _, kind := range kinds {
			path, err := c.path(kind, metav1.NamespaceDefault)
			if err != nil || c.Discovery().RESTClient().Get().AbsPath(path).Do(background).Error() != nil {
				return false
			}
		}
		return true
	}, time.Minute, 100*time.Millisecond, "the server does not serve the custom resources")
}

// judge returns the server's refusal of a manifest, for which it goes into the
// namespace "default": one with another name is moved there, unless that cannot
// be a namespace.
func judge(c *cluster, manifest []byte) error {
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

// ask returns what the program of the release answers on the objects.
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
		// The first line says who speaks, the last is empty.
		if i > 0 && len(line) > 0 {
			var answer verdict
			require.NoError(t, json.Unmarshal(line, &answer))
			answers = append(answers, answer)
		}
	}
	require.Len(t, answers, len(objects))
	return answers
}

func read(t *testing.T, file string) []verdict {
	t.Helper()
	data, err := os.Open(file)
	if err != nil {
		t.Skipf("no corpus: %v", err)
	}
	defer data.Close()
	var all []verdict
	lines := bufio.NewScanner(data)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var v verdict
		require.NoError(t, json.Unmarshal(lines.Bytes(), &v), "line %d", len(all)+1)
		all = append(all, v)
	}
	require.NoError(t, lines.Err())
	require.NotEmpty(t, all)
	return all
}

// write writes verdicts as lines of the corpus.
func write(t *testing.T, file string, verdicts []verdict) {
	t.Helper()
	var lines bytes.Buffer
	encoder := json.NewEncoder(&lines)
	encoder.SetEscapeHTML(false)
	for _, v := range verdicts {
		require.NoError(t, encoder.Encode(v))
	}
	require.NoError(t, os.WriteFile(file, lines.Bytes(), 0o666))
}

// objectsFile returns a file of the objects alone.
func objectsFile(t *testing.T, verdicts []verdict) string {
	t.Helper()
	var all bytes.Buffer
	for _, v := range verdicts {
		all.Write(append(v.Object, '\n'))
	}
	file := filepath.Join(t.TempDir(), "all.json")
	require.NoError(t, os.WriteFile(file, all.Bytes(), 0o666))
	return file
}

func abs(t *testing.T, file string) string {
	t.Helper()
	absolute, err := filepath.Abs(file)
	require.NoError(t, err)
	return absolute
}
