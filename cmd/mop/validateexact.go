package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/mop-platform/mop/pkg/schema"
	"github.com/mop-platform/mop/pkg/validate"
	"github.com/mop-platform/mop/pkg/verdict"
)

// apiServers are the programs that mop validate --exact asks, each started when
// there is something to ask it. It is safe for concurrent use.
type apiServers struct {
	*app
	ctx context.Context
	// allowPrivileged has them admit privileged containers.
	allowPrivileged bool

	mu      sync.Mutex
	servers map[schema.Minor]*verdict.Server
}

func (a *app) newAPIServers(ctx context.Context, allowPrivileged bool) *apiServers {
	return &apiServers{app: a, ctx: ctx, allowPrivileged: allowPrivileged, servers: map[schema.Minor]*verdict.Server{}}
}

// judge puts the verdicts of an API server into results.
func (s *apiServers) judge(minor schema.Minor, results []validate.Result) error {
	if len(results) == 0 {
		return nil
	}
	server, err := s.server(minor)
	if err != nil {
		return err
	}
	objects := make([]map[string]any, len(results))
	for i, r := range results {
		objects[i] = r.Object.Value
	}
	verdicts, err := server.Judge(objects)
	if err != nil {
		return err
	}
	for i, v := range verdicts {
		results[i] = results[i].Judged(v, server.Release())
	}
	return nil
}

func (s *apiServers) server(minor schema.Minor) (*verdict.Server, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if server, ok := s.servers[minor]; ok {
		return server, nil
	}
	program, err := verdict.Find(minor, s.programDirs())
	if err != nil {
		return nil, err
	}
	server, err := verdict.Start(s.ctx, program, minor, verdict.Options{Env: s.environ, AllowPrivileged: s.allowPrivileged})
	if err != nil {
		return nil, err
	}
	s.servers[minor] = server
	return server, nil
}

// programDirs returns the directories in which programs are looked for: none that
// a project could bring.
func (a *app) programDirs() []string {
	var dirs []string
	if self, err := os.Executable(); err == nil {
		dirs = append(dirs, filepath.Dir(self))
	}
	if list, ok := a.lookupEnv("PATH"); ok {
		dirs = append(dirs, slices.DeleteFunc(filepath.SplitList(list), func(dir string) bool { return !filepath.IsAbs(dir) })...)
	}
	return dirs
}

// close ends the programs. Their verdicts are there: how they end does not
// matter.
func (s *apiServers) close() {
	for _, server := range s.servers {
		_ = server.Close()
	}
}
