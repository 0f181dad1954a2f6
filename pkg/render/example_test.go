package render_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"strings"
	"testing/fstest"
	"time"

	"github.com/mop-platform/mop/pkg/jsonnet"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/render"
)

// A project in memory, with a native function and a top-level argument.
func Example() {
	fsys := fstest.MapFS{
		"prod/main.jsonnet": {Data: []byte(`function(n) {
			config: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: std.native('lower')('WEB') }, data: { n: std.toString(n) } },
			namespace: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
		}`)},
		"prod/spec.json": {Data: []byte(`{
			"apiVersion": "tanka.dev/v1alpha1", "kind": "Environment", "metadata": {"name": "prod"}, "spec": {"namespace": "shop"}
		}`)},
	}
	lower := jsonnet.Native{Name: "lower", Params: []string{"s"}, Func: func(_ jsonnet.Call, args []any) (any, error) {
		s, ok := args[0].(string)
		if !ok {
			return nil, fmt.Errorf("want a string, got %v", args[0])
		}
		return strings.ToLower(s), nil
	}}
	p, err := render.OpenFS(fsys, render.Config{Natives: []jsonnet.Native{lower}})
	if err != nil {
		log.Fatal(err)
	}
	res, err := p.Render(context.Background(), "prod", render.Args{Args: jsonnet.Args{TLAs: map[string]jsonnet.Var{"n": jsonnet.Value(3)}}})
	if err != nil {
		log.Fatal(err)
	}
	for _, o := range res.Objects {
		fmt.Println(o)
	}
	config := res.Objects[1]
	fmt.Println(config.Map()["data"], "from", res.Origins(config, manifest.Path{"data", "n"}))
	// Output:
	// Namespace shop
	// ConfigMap shop/web
	// map[n:3] from [prod/main.jsonnet:2:110 <top-level argument n>]
}

// A web service has one Project for all requests. Each sees the files as they are.
func Example_service() {
	fsys := fstest.MapFS{"prod/main.jsonnet": {Data: []byte(`function(tag) { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'web' }, data: { tag: if tag == '' then error 'want a tag' else tag } }`)}}
	p, err := render.OpenFS(fsys, render.Config{Limits: jsonnet.Limits{Time: 2 * time.Second, Memory: 64 << 20}, Cache: 256 << 20})
	if err != nil {
		log.Fatal(err)
	}
	handler := http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		args := render.Args{Args: jsonnet.Args{TLAs: map[string]jsonnet.Var{"tag": jsonnet.String(req.FormValue("tag"))}}}
		res, err := p.Render(req.Context(), req.FormValue("env"), args)
		switch {
		case errors.Is(err, render.ErrNoEnvironment):
			http.Error(w, err.Error(), http.StatusNotFound)
		case errors.Is(err, jsonnet.ErrLimit):
			http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		case err != nil:
			http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		default:
			_ = manifest.WriteYAML(req.Context(), w, res.Objects)
		}
	})
	for _, query := range []string{"env=prod&tag=v1", "env=test", "env=prod"} {
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/?"+query, nil))
		fmt.Println(answer.Code, strings.TrimSpace(answer.Body.String()))
	}
	// Output:
	// 200 apiVersion: v1
	// data:
	//   tag: v1
	// kind: ConfigMap
	// metadata:
	//   name: web
	// 404 environment test: no such environment: no file "test/main.jsonnet"
	// 422 prod: want a tag (prod/main.jsonnet:1:112)
}

// cached finds files by HTTP, each once.
type cached struct{ client *http.Client }

func (c cached) Import(ctx context.Context, from, name string) (string, []byte, error) {
	if !strings.HasPrefix(name, "https:") {
		// An import in a file from there.
		name = "https://" + path.Join(path.Dir(strings.TrimPrefix(from, "https://")), name)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, name, nil)
	if err != nil {
		return "", nil, err
	}
	answer, err := c.client.Do(req)
	if err != nil {
		return "", nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode == http.StatusNotFound {
		return "", nil, fs.ErrNotExist
	}
	content, err := io.ReadAll(answer.Body)
	return name, content, err
}

// A revision of a repository, with imports from elsewhere.
func ExampleOpenRevision() {
	ctx := context.Background()
	p, err := render.OpenRevision(ctx, ".", "HEAD", render.Config{Imports: map[string]jsonnet.Importer{"https:": cached{http.DefaultClient}}})
	if err != nil {
		log.Fatal(err)
	}
	defer p.Close()
	res, err := p.Render(ctx, "environments/dev", render.Args{})
	if err != nil {
		log.Fatal(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(res.Objects); err != nil {
		log.Fatal(err)
	}
}

// The environments of a file, one after the other.
func ExampleProject_RenderAll() {
	fsys := fstest.MapFS{"clusters/main.jsonnet": {Data: []byte(`[{
		apiVersion: 'tanka.dev/v1alpha1', kind: 'Environment', metadata: { name: name }, spec: { namespace: 'shop' },
		data: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'web' }, data: { cluster: name } },
	} for name in ['us', 'eu']]`)}}
	p, err := render.OpenFS(fsys, render.Config{})
	if err != nil {
		log.Fatal(err)
	}
	for res, err := range p.RenderAll(context.Background(), "clusters", render.Args{}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(res.Environment.Name, res.Objects[0], res.Objects[0].Map()["data"])
	}
	// Output:
	// eu ConfigMap shop/web map[cluster:eu]
	// us ConfigMap shop/web map[cluster:us]
}

// A part of the value of an environment.
func ExampleProject_Eval() {
	fsys := fstest.MapFS{"prod/main.jsonnet": {Data: []byte(`{ replicas: 3, images: ['web', 'db'] }`)}}
	p, err := render.OpenFS(fsys, render.Config{})
	if err != nil {
		log.Fatal(err)
	}
	for _, expr := range []string{"images[1]", "function(x) std.length(x.images) * x.replicas"} {
		res, err := p.Eval(context.Background(), "prod", expr, render.Args{})
		if err != nil {
			log.Fatal(err)
		}
		text, err := res.JSON()
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s", text)
	}
	// Output:
	// "db"
	// 6
}
