package check

import (
	"context"
	"sync"

	"github.com/mop-platform/mop/internal/schema"
	"github.com/mop-platform/mop/internal/verdict"
	"github.com/mop-platform/mop/pkg/validate"
)

// Servers are API servers. Each starts with the first question to it. It is safe for
// concurrent use.
type Servers struct {
	ctx     context.Context
	dirs    []string
	options verdict.Options

	mu      sync.Mutex
	servers map[schema.Minor]*verdict.Server
}

// NewServers returns servers that end with ctx. It looks for their programs in dirs.
func NewServers(ctx context.Context, dirs []string, o verdict.Options) *Servers {
	return &Servers{ctx: ctx, dirs: dirs, options: o, servers: map[schema.Minor]*verdict.Server{}}
}

// judge puts the verdicts of an API server into results.
func (s *Servers) judge(minor schema.Minor, results []validate.Result) error {
	if len(results) == 0 {
		return nil
	}
	server, err := s.server(minor)
	if err != nil {
		return err
	}
	objects := make([]map[string]any, len(results))
	for i, r := range results {
		objects[i], _ = r.Object.Value.(map[string]any)
	}
	verdicts, err := server.Judge(objects)
	if err != nil {
		return err
	}
	for i, v := range verdicts {
		results[i] = judged(results[i], v, server.Release())
	}
	return nil
}

func (s *Servers) server(minor schema.Minor) (*verdict.Server, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if server, ok := s.servers[minor]; ok {
		return server, nil
	}
	program, err := verdict.Find(minor, s.dirs)
	if err != nil {
		return nil, err
	}
	server, err := verdict.Start(s.ctx, program, minor, s.options)
	if err != nil {
		return nil, err
	}
	s.servers[minor] = server
	return server, nil
}

// Close ends the programs. They have given their verdicts, so it does not matter how they
// end.
func (s *Servers) Close() {
	for _, server := range s.servers {
		_ = server.Close()
	}
}
