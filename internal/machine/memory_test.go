package machine

import (
	"math"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
)

func TestMemoryLeft(t *testing.T) {
	unlimited := limits{math.MaxUint64, math.MaxUint64}
	machine := "MemTotal: 900000 kB\nMemAvailable:  800000 kB\n"
	for _, c := range []struct {
		name   string
		files  map[string]string
		limits limits
		want   Memory
	}{
		{"nothing is known", nil, unlimited, Memory{}},
		{"the machine", map[string]string{"proc/meminfo": machine}, unlimited, Memory{800000 << 10, "the machine"}},
		{"version 2, in a container", map[string]string{
			"proc/meminfo":                 machine,
			"proc/self/cgroup":             "0::/\n",
			"proc/self/mountinfo":          "30 23 0:26 / /sys/fs/cgroup ro,nosuid - cgroup2 cgroup rw,nsdelegate\n",
			"sys/fs/cgroup/memory.max":     "100000000\n",
			"sys/fs/cgroup/memory.high":    "max\n",
			"sys/fs/cgroup/memory.current": "30000000\n",
			"sys/fs/cgroup/memory.stat":    "anon 1\nfile 25000000\ninactive_file 20000000\n",
		}, unlimited, Memory{90000000, "the control group"}},
		{"version 2, slowed down from high on", map[string]string{
			"proc/self/cgroup":             "0::/\n",
			"proc/self/mountinfo":          "30 23 0:26 / /sys/fs/cgroup ro - cgroup2 cgroup rw\n",
			"sys/fs/cgroup/memory.max":     "max\n",
			"sys/fs/cgroup/memory.high":    "50000000\n",
			"sys/fs/cgroup/memory.current": "10000000\n",
		}, unlimited, Memory{40000000, "the control group"}},
		{"version 2, an outer group has less", map[string]string{
			"proc/meminfo":                       machine,
			"proc/self/cgroup":                   "0::/a/b/c\n",
			"proc/self/mountinfo":                "30 23 0:26 / /sys/fs/cgroup ro shared:9 - cgroup2 cgroup rw\n",
			"sys/fs/cgroup/a/b/c/memory.max":     "max\n",
			"sys/fs/cgroup/a/b/c/memory.current": "10\n",
			"sys/fs/cgroup/a/b/memory.max":       "90000000\n",
			"sys/fs/cgroup/a/b/memory.current":   "1\n",
			"sys/fs/cgroup/a/memory.max":         "70000000\n",
			"sys/fs/cgroup/a/memory.current":     "80000000\n",
		}, unlimited, Memory{0, "the control group"}},
		{"version 1, by the name from outside of the container", map[string]string{
			"proc/meminfo":        machine,
			"proc/self/cgroup":    "5:cpu,cpuacct:/docker/x\n4:memory:/docker/x\n0::/\n",
			"proc/self/mountinfo": "40 39 0:31 /docker/x /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu\n41 39 0:32 /docker/x /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes": "200000000\n",
			"sys/fs/cgroup/memory/memory.usage_in_bytes": "150000000\n",
			"sys/fs/cgroup/memory/memory.stat":           "inactive_file 7\ntotal_inactive_file 100000000\n",
		}, unlimited, Memory{150000000, "the control group"}},
		{"version 1, no limit", map[string]string{
			"proc/meminfo":        machine,
			"proc/self/cgroup":    "4:memory:/a\n",
			"proc/self/mountinfo": "41 39 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n",
			"sys/fs/cgroup/memory/a/memory.limit_in_bytes": "9223372036854771712\n",
			"sys/fs/cgroup/memory/a/memory.usage_in_bytes": "5\n",
		}, unlimited, Memory{800000 << 10, "the machine"}},
		{"ulimit -v", map[string]string{"proc/meminfo": machine, "proc/self/status": "Name:\tmop\nVmSize:\t  100000 kB\nVmData:\t 50000 kB\n"},
			limits{300000 << 10, math.MaxUint64}, Memory{200000 << 10, "ulimit -v"}},
		{"ulimit -d", map[string]string{"proc/meminfo": machine, "proc/self/status": "VmSize:\t  100000 kB\nVmData:\t 50000 kB\n"},
			limits{math.MaxUint64, 40000 << 10}, Memory{0, "ulimit -d"}},
		{"files that are none", map[string]string{"proc/meminfo": "MemAvailable: lots\n", "proc/self/cgroup": "4:memory\nx\n", "proc/self/mountinfo": "a - b\n41 39 0:32 / /sys/../.. rw - cgroup cgroup memory\n"},
			unlimited, Memory{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := fstest.MapFS{}
			for name, text := range c.files {
				root[name] = &fstest.MapFile{Data: []byte(text)}
			}
			left := read(root, c.limits)
			assert.Equal(t, c.want, left)
			assert.Equal(t, c.want.Bytes/2, left.Half())
		})
	}
}
