// Package remote renders a revision whose imports come over HTTPS, and reports what is wrong
// with its objects.
package remote

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"

	"github.com/mop-platform/mop/pkg/jsonnet"
	"github.com/mop-platform/mop/pkg/render"
	"github.com/mop-platform/mop/pkg/validate"
)

// Importer imports https://… by a client.
type Importer struct{ Client *http.Client }

// Import returns the text at an address. ctx ends with the rendering.
func (i Importer) Import(ctx context.Context, from, path string) (name string, content []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, path, nil)
	if err != nil {
		return "", nil, err
	}
	res, err := i.Client.Do(req)
	if err != nil {
		return "", nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return "", nil, fmt.Errorf("%s: %s", path, res.Status)
	}
	content, err = io.ReadAll(res.Body)
	return path, content, err
}

// Report renders an environment of a revision, logs the findings about its objects, and writes
// the objects as JSON.
func Report(ctx context.Context, w io.Writer, log *slog.Logger, client *http.Client, dir, revision, env string) error {
	imports := map[string]jsonnet.Importer{"https:": Importer{client}}
	p, err := render.OpenRevision(ctx, dir, revision, render.Config{Imports: imports})
	if err != nil {
		return err
	}
	defer p.Close()
	res, err := p.Render(ctx, env, render.Args{})
	if err != nil {
		return err
	}
	v, err := validate.New(validate.Config{Release: "1.31"})
	if err != nil {
		return err
	}
	report, err := v.CheckRender(ctx, res)
	if err != nil {
		return err
	}
	for _, f := range report.Findings() {
		var places []string
		for _, at := range f.Origins {
			places = append(places, at.String())
		}
		log.Warn(f.Problem, "object", f.Object, "path", f.Path, "from", strings.Join(places, ", "))
	}
	return json.NewEncoder(w).Encode(res.Objects)
}
