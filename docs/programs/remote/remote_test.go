package remote

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// repository returns a git repository with a project in its first revision, and a broken one
// in its work tree.
func repository(t *testing.T, address string) string {
	dir := t.TempDir()
	write := func(name, text string) {
		file := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o777))
		require.NoError(t, os.WriteFile(file, []byte(text), 0o666))
	}
	git := func(args ...string) {
		cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=a", "-c", "user.email=a@example.com"}, args...)...)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	write("jsonnetfile.json", "{}")
	write("prod/main.jsonnet", "(import '"+address+"/web.libsonnet') {\n  spec+: { replicas: -1 },\n}\n")
	git("init", "-q")
	git("add", ".")
	git("commit", "-qm", "first")
	write("prod/main.jsonnet", "error 'the work tree is not read'")
	return dir
}

func TestReport(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.URL.Path != "/web.libsonnet" {
			http.NotFound(w, req)
			return
		}
		w.Write([]byte(`{
			local labels = { app: 'web' },
			apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' },
			spec: {
				selector: { matchLabels: labels },
				template: { metadata: { labels: labels }, spec: { containers: [{ name: 'web', image: 'web:1' }] } },
			},
		}`))
	}))
	defer server.Close()

	dir := repository(t, server.URL)
	var out, log strings.Builder
	err := Report(t.Context(), &out, slog.New(slog.NewTextHandler(&log, nil)), server.Client(), dir, "HEAD", "prod")
	require.NoError(t, err)
	assert.Contains(t, out.String(), `"kind":"Deployment"`)
	assert.Contains(t, log.String(), "path=spec.replicas")
	assert.Contains(t, log.String(), "prod/main.jsonnet:2")

	dir = repository(t, server.URL+"/missing")
	err = Report(t.Context(), &out, slog.Default(), server.Client(), dir, "HEAD", "prod")
	assert.ErrorContains(t, err, "404")
	assert.ErrorContains(t, err, "prod/main.jsonnet:1")
}
