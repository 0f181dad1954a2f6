package main

import (
	"context"
	"os"
	"path/filepath"
	"sync"

	"github.com/mop-platform/mop/pkg/project"
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

// judge puts the verdicts of an API server into results, which are of objects of
// a project, nil for none.
func (s *apiServers) judge(p *project.Project, minor schema.Minor, results []validate.Result) error {
	if len(results) == 0 {
		return nil
	}
	server, err := s.server(p, minor)
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

func (s *apiServers) server(p *project.Project, minor schema.Minor) (*verdict.Server, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if server, ok := s.servers[minor]; ok {
		return server, nil
	}
	program, err := verdict.Find(minor, s.programDirs(p))
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

// programDirs returns the directories in which programs are looked for.
func (a *app) programDirs(p *project.Project) []string {
	var dirs []string
	if self, err := os.Executable(); err == nil {
		dirs = append(dirs, filepath.Dir(self))
	}
	if root := rootOf(p); root != "" {
		dirs = append(dirs, filepath.Join(root, "bin"))
	}
	dirs = append(dirs, a.abs("bin"))
	if list, ok := a.lookupEnv("PATH"); ok {
		for _, dir := range filepath.SplitList(list) {
			// As everywhere, an empty entry is the working directory.
			dirs = append(dirs, a.abs(dir))
		}
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
