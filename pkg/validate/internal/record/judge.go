package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"

	"github.com/mop-platform/mop/pkg/validate/internal/corpus"
)

const (
	// askers is the number of manifests that the server gets at a time.
	askers = 8
	// longest is the length to which its messages are cut, in characters.
	longest = 600
	// namespace is the namespace of objects that need one.
	namespace = "default"
)

// A resource is the path at which the server accepts objects of a kind.
type resource struct {
	path       string
	namespaced bool
}

// judge returns the server's refusals of manifests by their IDs, "" for none. It creates
// the manifests in a dry run with strict field validation. Namespaced objects are created
// in the namespace "default"; an invalid namespace in a manifest stays.
func (s *server) judge(ctx context.Context, manifests []corpus.Manifest) ([]string, error) {
	kinds, err := s.kinds(ctx)
	if err != nil {
		return nil, err
	}
	// A claim of devices needs this label of its namespace.
	const label = `{"metadata": {"labels": {"resource.kubernetes.io/admin-access": "true"}}}`
	if _, err := s.request(ctx, http.MethodPatch, "/api/v1/namespaces/"+namespace, []byte(label)); err != nil {
		return nil, err
	}
	refusals := make([]string, len(manifests))
	failures := make([]error, askers)
	jobs := make(chan corpus.Manifest)
	var work sync.WaitGroup
	for i := range askers {
		work.Go(func() {
			for m := range jobs {
				if failures[i] == nil {
					refusals[m.ID], failures[i] = s.refusal(ctx, kinds, m)
				}
			}
		})
	}
	for _, m := range manifests {
		jobs <- m
	}
	close(jobs)
	work.Wait()
	for _, err := range failures {
		if err != nil {
			return nil, err
		}
	}
	return refusals, nil
}

// kinds returns the resources by "VERSION KIND".
func (s *server) kinds(ctx context.Context) (map[string]resource, error) {
	all := map[string]resource{}
	paths := []string{"/api/v1"}
	var groups struct {
		Groups []struct {
			Versions []struct{ GroupVersion string }
		}
	}
	if err := s.get(ctx, "/apis", &groups); err != nil {
		return nil, err
	}
	for _, group := range groups.Groups {
		for _, v := range group.Versions {
			paths = append(paths, "/apis/"+v.GroupVersion)
		}
	}
	for _, path := range paths {
		var list struct {
			GroupVersion string
			Resources    []struct {
				Name, Kind string
				Namespaced bool
				Verbs      []string
			}
		}
		if err := s.get(ctx, path, &list); err != nil {
			return nil, err
		}
		for _, r := range list.Resources {
			if !strings.Contains(r.Name, "/") {
				all[list.GroupVersion+" "+r.Kind] = resource{path + "/%s" + r.Name, r.Namespaced}
			}
		}
	}
	return all, nil
}

func (s *server) get(ctx context.Context, path string, into any) error {
	text, err := s.request(ctx, http.MethodGet, path, nil)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return json.Unmarshal(text, into)
}

// validNamespace matches names that the server accepts for a namespace.
var validNamespace = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$`)

func (s *server) refusal(ctx context.Context, kinds map[string]resource, m corpus.Manifest) (string, error) {
	var object map[string]any
	d := json.NewDecoder(bytes.NewReader(m.Object))
	d.UseNumber()
	if err := d.Decode(&object); err != nil {
		return "", err
	}
	version, _ := object["apiVersion"].(string)
	kind, _ := object["kind"].(string)
	r, ok := kinds[version+" "+kind]
	if !ok {
		return "the server has no kind " + version + " " + kind, nil
	}
	if metadata, ok := object["metadata"].(map[string]any); ok {
		if own, ok := metadata["namespace"].(string); ok && validNamespace.MatchString(own) {
			metadata["namespace"] = namespace
		}
	}
	text, err := json.Marshal(object)
	if err != nil {
		return "", err
	}
	within := ""
	if r.namespaced {
		within = "namespaces/" + namespace + "/"
	}
	_, err = s.request(ctx, http.MethodPost, fmt.Sprintf(r.path, within)+"?dryRun=All&fieldValidation=Strict", text)
	if err == nil {
		return "", nil
	}
	if errors.Is(err, io.EOF) {
		// A handler that panics closes its connection. In some releases it panics on an
		// Indexed Job with a successPolicy and without completions.
		return "the server panics", s.alive(ctx)
	}
	no, ok := refused(err)
	if !ok || no.status >= 500 {
		return "", fmt.Errorf("%s: %w", m.How, err)
	}
	var status struct{ Message string }
	if err := json.Unmarshal(no.body, &status); err != nil || status.Message == "" {
		return "", fmt.Errorf("%s: %w", m.How, no)
	}
	words := []rune(status.Message)
	return string(words[:min(len(words), longest)]), nil
}
