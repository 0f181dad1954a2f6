package heap

import (
	"math"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// probe is an environment variable with steps, separated by spaces. If it is set, the
// process of the test takes these steps and prints the settings of the garbage collector.
const probe = "MOP_HEAP_PROBE"

func TestMain(m *testing.M) {
	steps, ok := os.LookupEnv(probe)
	if !ok {
		os.Exit(m.Run())
	}
	for step := range strings.FieldsSeq(steps) {
		name, value, _ := strings.Cut(step, "=")
		n, _ := strconv.ParseInt(value, 10, 64)
		switch name {
		case "grow":
			Grow(int(n))
		case "limit":
			Limit(n)
		case "collect":
			// The finalizers of the first collection run before those of the second.
			for range 2 {
				collected := make(chan struct{})
				runtime.SetFinalizer(&mark{}, func(*mark) { close(collected) })
				runtime.GC()
				<-collected
			}
		}
	}
	limit := debug.SetMemoryLimit(-1)
	percent := debug.SetGCPercent(-1)
	os.Stdout.WriteString(strconv.Itoa(percent) + " " + strconv.FormatInt(limit, 10))
	os.Exit(0)
}

func TestHeap(t *testing.T) {
	none := strconv.FormatInt(math.MaxInt64, 10)
	for name, test := range map[string]struct{ env, steps, want string }{
		"begin":                     {"", "", "-1 33554432"},
		"collected":                 {"", "collect", "100 " + none},
		"grow":                      {"", "grow=200", "-1 33554432"},
		"grow, collected":           {"", "grow=200 collect", "200 " + none},
		"collected, grow":           {"", "collect grow=200", "200 " + none},
		"small limit":               {"", "limit=1000000", "-1 1000000"},
		"limit":                     {"", "limit=100000000", "-1 33554432"},
		"limit, collected":          {"", "limit=100000000 collect", "100 100000000"},
		"collected, limit":          {"", "collect grow=300 limit=100000000", "300 100000000"},
		"GOGC":                      {"GOGC=50", "grow=200", "50 " + none},
		"GOGC as usual":             {"GOGC=100", "grow=200", "100 " + none},
		"GOGC off":                  {"GOGC=off", "grow=200 limit=100000000", "-1 100000000"},
		"GOMEMLIMIT":                {"GOMEMLIMIT=50000000", "grow=200 limit=100000000", "200 50000000"},
		"GOMEMLIMIT above the flag": {"GOMEMLIMIT=500000000", "grow=200 limit=100000000", "200 100000000"},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), "GOGC=", "GOMEMLIMIT=", probe+"="+test.steps)
			if test.env != "" {
				cmd.Env = append(cmd.Env, test.env)
			}
			out, err := cmd.Output()
			require.NoError(t, err)
			assert.Equal(t, test.want, string(out))
		})
	}
}
