package machine

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"

	"github.com/mop-platform/mop/internal/pace"
)

// FuzzRead tests that read accepts any contents of /proc and /sys, and never returns more
// memory than the machine leaves.
func FuzzRead(f *testing.F) {
	f.Add("30 24 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n", "0::/a/b\n", "104857600\n", "inactive_file 1\n")
	f.Add("30 24 0:26 /a /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n", "9:memory:/a/b\n", "max", "")
	f.Fuzz(func(t *testing.T, mounts, groups, number, stat string) {
		defer pace.Hold(t, len(mounts)+len(groups)+len(number)+len(stat))()
		root := fstest.MapFS{
			"proc/meminfo":        {Data: []byte("MemAvailable: 1024 kB\n")},
			"proc/self/mountinfo": {Data: []byte(mounts)},
			"proc/self/cgroup":    {Data: []byte(groups)},
			"proc/self/status":    {Data: []byte(stat)},
		}
		for _, dir := range []string{"sys/fs/cgroup/", "sys/fs/cgroup/a/", "sys/fs/cgroup/memory/b/"} {
			for _, name := range []string{"memory.max", "memory.high", "memory.current", "memory.limit_in_bytes", "memory.usage_in_bytes"} {
				root[dir+name] = &fstest.MapFile{Data: []byte(number)}
			}
			root[dir+"memory.stat"] = &fstest.MapFile{Data: []byte(stat)}
		}
		assert.LessOrEqual(t, read(root, limits{addressSpace: 1 << 40, data: 1 << 40}).Half(), uint64(512<<10))
	})
}
