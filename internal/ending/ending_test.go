package ending_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/ending"
)

func TestSignalled(t *testing.T) {
	tests := []struct {
		signal syscall.Signal
		text   string
		status int
	}{
		{syscall.SIGINT, "interrupted", 130},
		{syscall.SIGTERM, "terminated", 143},
		{syscall.SIGHUP, "the terminal is gone", 129},
		{syscall.SIGPIPE, "nobody reads the output", 141},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			err := ending.Signalled{Signal: tt.signal}
			assert.EqualError(t, err, tt.text)
			assert.Equal(t, tt.status, err.Status())
		})
	}
}

// The clock of these tests advances when all of their goroutines wait.
func TestLate(t *testing.T) {
	const little, much = uint64(1), uint64(1) << 50
	over, cancel := context.WithCancel(context.Background())
	cancel()
	closed := make(chan struct{})
	close(closed)
	held := make([]byte, 128<<20)
	tests := []struct {
		name  string
		ctx   context.Context
		ends  time.Duration // when the command does, 0 for never
		most  uint64
		want  bool
		after time.Duration
	}{
		{"ends by itself", context.Background(), time.Hour, little, false, time.Hour},
		{"ends when it is told to", over, ending.Grace / 2, 0, false, ending.Grace / 2},
		{"ends just in time", over, ending.Grace - 1, much, false, ending.Grace - 1},
		{"does not end", over, 0, 0, true, ending.Grace},
		{"does not end and holds little", over, 0, much, true, ending.Grace},
		{"holds much", over, 0, little, true, 5 * time.Millisecond},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				done, begin := make(chan struct{}), time.Now()
				if tt.ends > 0 {
					time.AfterFunc(tt.ends, func() { close(done) })
				}
				assert.Equal(t, tt.want, ending.Late(tt.ctx, done, tt.most))
				assert.Equal(t, tt.after, time.Since(begin))
			})
		})
	}
	assert.Len(t, held, 128<<20) // It is held until here.
}

func TestWhile(t *testing.T) {
	spent := &budget.Exceeded{What: budget.Time, Limit: "1s"}
	plain := errors.New("no space left")
	tests := []struct {
		name, doing string
		err         error
		want        string
	}{
		{"nothing wrong", "a.jsonnet:1", nil, ""},
		{"another error", "a.jsonnet:1", plain, plain.Error()},
		{"a budget, at work", "a.jsonnet:1", spent, "a.jsonnet:1: " + spent.Error()},
		{"a budget, at no work", "", spent, spent.Error()},
		{"a budget with a place", "a.jsonnet:1", fmt.Errorf("b.jsonnet:2: %w", spent), "b.jsonnet:2: " + spent.Error()},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ctx, stop := budget.New(t.Context(), budget.Limits{})
			defer stop()
			if tt.doing != "" {
				defer budget.Of(ctx).During(tt.doing)()
			}
			err := ending.While(budget.Of(ctx), tt.err)
			if tt.want == "" {
				require.NoError(t, err)
				return
			}
			require.EqualError(t, err, tt.want)
			assert.ErrorIs(t, err, tt.err)
		})
	}
}

func TestWithin(t *testing.T) {
	tests := []struct {
		name         string
		takes, after time.Duration
	}{
		{"nothing to do", 0, 0},
		{"done in time", time.Second, time.Second},
		{"too long", time.Hour, time.Minute},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				ending.Within(time.Minute, func() { <-time.After(tt.takes) })
				assert.Equal(t, tt.after, time.Since(begin))
				<-time.After(2 * time.Hour) // A function that goes on ends too.
			})
		})
	}
}

func TestTemporary(t *testing.T) {
	tests := []struct {
		name string
		do   func(t *testing.T, temporary *ending.Temporary, dirs []string)
		left []bool
	}{
		{"nothing is removed by itself", func(*testing.T, *ending.Temporary, []string) {}, []bool{true, true}},
		{"one", func(t *testing.T, temporary *ending.Temporary, dirs []string) {
			require.NoError(t, temporary.Remove(dirs[0]))
		}, []bool{false, true}},
		{"one twice", func(t *testing.T, temporary *ending.Temporary, dirs []string) {
			require.NoError(t, temporary.Remove(dirs[0]))
			require.NoError(t, temporary.Remove(dirs[0]))
		}, []bool{false, true}},
		{"all that are left", func(t *testing.T, temporary *ending.Temporary, dirs []string) {
			require.NoError(t, temporary.Remove(dirs[0]))
			temporary.Tidy()
			temporary.Tidy()
		}, []bool{false, false}},
		{"none is made after the end", func(t *testing.T, temporary *ending.Temporary, _ []string) {
			temporary.Tidy()
			_, err := temporary.Make("late")
			require.ErrorIs(t, err, context.Canceled)
		}, []bool{false, false}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("TMPDIR", t.TempDir())
			var temporary ending.Temporary
			var dirs []string
			for range tt.left {
				dir, err := temporary.Make("some")
				require.NoError(t, err)
				require.NoError(t, os.WriteFile(filepath.Join(dir, "file"), nil, 0o666))
				dirs = append(dirs, dir)
			}
			tt.do(t, &temporary, dirs)
			for i, dir := range dirs {
				if tt.left[i] {
					assert.DirExists(t, dir)
				} else {
					assert.NoDirExists(t, dir)
				}
			}
		})
	}
}

// A directory that could not be made is not recorded.
func TestTemporaryFails(t *testing.T) {
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "gone"))
	var temporary ending.Temporary
	_, err := temporary.Make("some")
	require.ErrorIs(t, err, os.ErrNotExist)
	temporary.Tidy()
}
