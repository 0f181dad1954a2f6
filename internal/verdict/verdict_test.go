package verdict_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/release"
	"github.com/mop-platform/mop/internal/schema"
	"github.com/mop-platform/mop/internal/verdict"
	"github.com/mop-platform/mop/pkg/diag"
)

// fakeVariable makes the test's program a fake API server; its value is the fake's
// behaviour.
const fakeVariable = "MOP_FAKE_APISERVER"

func TestMain(m *testing.M) {
	if behaviour := os.Getenv(fakeVariable); behaviour != "" {
		fake(behaviour)
		return
	}
	os.Exit(m.Run())
}

// fake judges objects: one is valid if it says so. At the second object it fails, if its
// behaviour is to fail.
func fake(behaviour string) {
	hello := map[string]string{
		"other version":  `{"kubernetes":"1.37.2","protocol":1}`,
		"other protocol": `{"kubernetes":"1.29.15","protocol":2}`,
		"other program":  "usage: fake [flags]",
		"no release":     `{"kubernetes":"","protocol":1}`,
	}[behaviour]
	if behaviour == "deaf" {
		select {}
	}
	if hello == "" {
		hello = `{"kubernetes":"1.29.15","protocol":1}`
	}
	fmt.Println(hello)
	if behaviour == "unread" {
		select {}
	}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<24)
	for n := 0; lines.Scan(); n++ {
		var q struct {
			ID     int
			Object struct {
				Kind  string
				Valid bool
			}
		}
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			panic(err)
		}
		if n == 1 {
			switch behaviour {
			case "dies":
				fmt.Fprint(os.Stderr, "panic: no more\n\ngoroutine 1\n")
				os.Exit(3)
			case "ends":
				return
			case "hangs":
				select {}
			case "garbage":
				fmt.Println("I0101 listening")
			case "half a line":
				fmt.Printf(`{"id":%d,"va`, q.ID)
				return
			case "endless line":
				for {
					if _, err := os.Stdout.Write(bytes.Repeat([]byte("x"), 1<<20)); err != nil {
						return
					}
				}
			case "other order":
				q.ID++
			case "nothing said":
				fmt.Println("{}")
			case "contradiction":
				fmt.Printf(`{"id":%d,"valid":true,"message":"but no"}`+"\n", q.ID)
			}
		}
		switch {
		case q.Object.Kind == "Gizmo":
			fmt.Printf(`{"id":%d,"valid":false,"message":"unknown-kind"}`+"\n", q.ID)
		case q.Object.Valid:
			fmt.Printf(`{"id":%d,"valid":true,"message":"","later":"addition"}`+"\n", q.ID)
		default:
			fmt.Printf(`{"id":%d,"valid":false,"message":"spec.a: bad","causes":[{"path":"spec.a","type":"FieldValueInvalid","message":"bad"}]}`+"\n", q.ID)
		}
	}
}

// install returns a directory with the fake as the program of a version.
func install(t *testing.T, minor schema.Minor) (dir, program string) {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	dir = t.TempDir()
	program = filepath.Join(dir, verdict.Program(minor))
	require.NoError(t, os.Symlink(self, program))
	return dir, program
}

func start(t *testing.T, ctx context.Context, behaviour string, timeout time.Duration) (*verdict.Server, error) {
	t.Helper()
	_, program := install(t, 29)
	server, err := verdict.Start(ctx, program, 29, verdict.Options{Env: []string{fakeVariable + "=" + behaviour}, Timeout: timeout})
	if err == nil {
		t.Cleanup(func() { _ = server.Close() })
	}
	return server, err
}

var objects = []map[string]any{
	{"kind": "Pod", "valid": true},
	{"kind": "Pod", "valid": false},
	{"kind": "Gizmo"},
}

func TestJudge(t *testing.T) {
	server, err := start(t, t.Context(), "judges", 0)
	require.NoError(t, err)
	assert.Equal(t, "1.29.15", server.Release())
	want := []verdict.Verdict{
		{Served: true, Valid: true},
		{Served: true, Message: "spec.a: bad", Causes: []verdict.Cause{{Path: "spec.a", Type: "FieldValueInvalid", Message: "bad"}}},
		{},
	}
	for range 2 {
		got, err := server.Judge(objects)
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
	got, err := server.Judge(nil)
	require.NoError(t, err)
	assert.Empty(t, got)

	require.NoError(t, server.Close())
	require.NoError(t, server.Close())
	_, err = server.Judge(objects)
	assert.ErrorIs(t, err, fs.ErrClosed)
}

// More is sent and answered than pipes hold.
func TestJudgeMany(t *testing.T) {
	server, err := start(t, t.Context(), "judges", 0)
	require.NoError(t, err)
	many := make([]map[string]any, 20_000)
	for i := range many {
		many[i] = map[string]any{"kind": "Pod", "valid": i%3 == 0, "padding": strings.Repeat("x", 100)}
	}
	got, err := server.Judge(many)
	require.NoError(t, err)
	for i, v := range got {
		require.Equal(t, i%3 == 0, v.Valid, i)
	}
}

// A program that fails gives an error each time and never a verdict.
func TestFailures(t *testing.T) {
	const short = 200 * time.Millisecond
	for behaviour, test := range map[string]struct {
		timeout time.Duration
		want    string
	}{
		"dies":          {0, "object 2 of 3: the program ended before it answered: exit status 3: panic: no more"},
		"ends":          {0, "object 2 of 3: the program ended before it answered"},
		"half a line":   {0, `object 2 of 3: want a line of JSON, got "{\"id\":1,\"va"`},
		"garbage":       {0, `object 2 of 3: want a line of JSON, got "I0101 listening"`},
		"endless line":  {0, "object 2 of 3: bufio.Scanner: token too long"},
		"other order":   {0, "object 2 of 3: want the verdict with the id 1, got 2"},
		"nothing said":  {0, "object 2 of 3: want a verdict with id and valid, got one without"},
		"contradiction": {0, `object 2 of 3: want a message where the object is not valid, and none where it is, got valid true and message "but no"`},
		"hangs":         {short, "no answer in 200ms"},
		"unread":        {short, "no answer in 200ms"},
	} {
		t.Run(behaviour, func(t *testing.T) {
			t.Parallel()
			server, err := start(t, t.Context(), behaviour, test.timeout)
			require.NoError(t, err)
			for range 2 {
				got, err := server.Judge(objects)
				require.EqualError(t, err, verdict.Program(29)+": "+test.want)
				assert.Nil(t, got)
			}
			assert.NoError(t, server.Close())
		})
	}
}

func TestStartFailures(t *testing.T) {
	for behaviour, want := range map[string]string{
		"other version":  `want the API server of kubernetes 1.29, got "1.37.2"`,
		"no release":     `want the API server of kubernetes 1.29, got ""`,
		"other protocol": `want protocol 1, got 2: build it again by "make apiserver"`,
		"other program":  `start: want a line of JSON, got "usage: fake [flags]"`,
		"deaf":           "no answer in 200ms",
	} {
		t.Run(behaviour, func(t *testing.T) {
			t.Parallel()
			timeout := time.Duration(0)
			if behaviour == "deaf" {
				timeout = 200 * time.Millisecond
			}
			_, err := start(t, t.Context(), behaviour, timeout)
			assert.EqualError(t, err, verdict.Program(29)+": "+want)
		})
	}
}

// The end of the context ends the program.
func TestCancel(t *testing.T) {
	why := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	server, err := start(t, ctx, "hangs", 0)
	require.NoError(t, err)
	done := make(chan error)
	go func() {
		_, err := server.Judge(objects)
		done <- err
	}()
	cancel(why)
	assert.ErrorIs(t, <-done, why)
}

// An object that is no JSON is not sent, and nobody waits for its verdict.
func TestUnwritable(t *testing.T) {
	server, err := start(t, t.Context(), "judges", 0)
	require.NoError(t, err)
	_, err = server.Judge([]map[string]any{{"kind": func() {}}})
	assert.ErrorContains(t, err, "unsupported type: func()")
}

func TestFind(t *testing.T) {
	dir, program := install(t, 29)
	empty, plain := t.TempDir(), t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(plain, verdict.Program(29)), nil, 0o644))

	got, err := verdict.Find(29, []string{empty, plain, dir})
	require.NoError(t, err)
	assert.Equal(t, program, got, "what cannot be run is passed over")

	_, err = verdict.Find(37, []string{empty, dir})
	l, ok := diag.From(err)
	require.True(t, ok)
	assert.Equal(t, []string{`build it in mop's sources, by "make apiserver VERSION=1.37", and put it there`}, l[0].Advice(nil))

	_, err = verdict.Find(31, nil)
	assert.ErrorContains(t, err, "want the API server of kubernetes 1.29 or 1.37, got 1.31")
}

// There is a directory for each release, and no other.
func TestReleases(t *testing.T) {
	dirs, err := filepath.Glob("../../apiserver/1.*/go.mod")
	require.NoError(t, err)
	var built, named []string
	for _, dir := range dirs {
		built = append(built, filepath.Base(filepath.Dir(dir)))
	}
	for _, minor := range release.Exact() {
		named = append(named, minor.String())
	}
	assert.Equal(t, built, named)
}

// The programs themselves, if "make apiserver" has built them.
func TestPrograms(t *testing.T) {
	for _, minor := range release.Exact() {
		t.Run(minor.String(), func(t *testing.T) {
			program, err := verdict.Find(minor, []string{"../../bin"})
			if err != nil {
				t.Skip(err)
			}
			program, err = filepath.Abs(program)
			require.NoError(t, err)
			pod := map[string]any{
				"apiVersion": "v1", "kind": "Pod", "metadata": map[string]any{"name": "p"},
				"spec": map[string]any{"containers": []any{map[string]any{
					"name": "c", "image": "i", "securityContext": map[string]any{"privileged": true},
				}}},
			}
			for _, allow := range []bool{true, false} {
				server, err := verdict.Start(t.Context(), program, minor, verdict.Options{AllowPrivileged: allow})
				require.NoError(t, err)
				got, err := server.Judge([]map[string]any{pod, {"apiVersion": "v1", "kind": "Pod"}, {"apiVersion": "example.org/v1", "kind": "Gizmo"}})
				require.NoError(t, err)
				assert.Equal(t, allow, got[0].Valid)
				assert.Contains(t, got[1].Causes, verdict.Cause{Path: "metadata.name", Type: "FieldValueRequired", Message: "Required value: name or generateName is required"})
				assert.False(t, got[2].Served)
				require.NoError(t, server.Close())
			}
		})
	}
}
