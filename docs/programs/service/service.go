// Package service renders environments for the requests of a web service.
package service

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/mop-platform/mop/pkg/jsonnet"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/render"
)

// Open opens the project in a directory, with limits for each request.
func Open(dir string) (*render.Project, error) {
	return render.Open(dir, render.Config{
		Limits: jsonnet.Limits{Time: 2 * time.Second, Memory: 64 << 20},
		Cache:  256 << 20,
	})
}

// Handler answers /?env=NAME&image=TEXT with the objects of an environment as YAML. It sees
// each change of the project's files, and never a mixture of old and new ones.
func Handler(p *render.Project) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		tlas := map[string]jsonnet.Var{"image": jsonnet.String(req.FormValue("image"))}
		res, err := p.Render(req.Context(), req.FormValue("env"), render.Args{Args: jsonnet.Args{TLAs: tlas}})
		if err != nil {
			refuse(w, err)
			return
		}
		w.Header().Set("Content-Type", "application/yaml")
		// The error is that of a client who has gone.
		_ = manifest.WriteYAML(req.Context(), w, res.Objects)
	})
}

// refuse answers with an error: its text for people, its diagnostics for programs.
func refuse(w http.ResponseWriter, err error) {
	code := http.StatusUnprocessableEntity
	switch {
	case errors.Is(err, render.ErrNoEnvironment):
		code = http.StatusNotFound
	case errors.Is(err, jsonnet.ErrLimit):
		code = http.StatusRequestEntityTooLarge
	case errors.Is(err, context.Canceled):
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": err.Error()})
}
