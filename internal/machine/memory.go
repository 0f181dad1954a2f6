// Package machine finds how much memory the process can still have: what the machine has
// free, and what control groups and resource limits allow.
package machine

import (
	"bufio"
	"bytes"
	"fmt"
	"io/fs"
	"math"
	"path"
	"strconv"
	"strings"
)

// Memory is the memory that the process can still have, in bytes, and what sets that bound:
// "the machine", "the control group", "ulimit -v" or "ulimit -d". Both are zero if nothing
// is known.
type Memory struct {
	Bytes uint64
	By    string
}

// Half returns half of the memory, the default limit of a command. The other half is for
// other processes, and for the programs that the command starts.
func (l Memory) Half() uint64 { return l.Bytes / 2 }

// least lowers the bound to bytes, which by sets, if it is higher.
func (l *Memory) least(bytes uint64, by string) {
	if l.By == "" || bytes < l.Bytes {
		*l = Memory{bytes, by}
	}
}

// limits are the limits of the process's address space and data in bytes, from
// getrlimit(2). The largest number means no limit.
type limits struct{ addressSpace, data uint64 }

// read finds the memory from the files in root, which has /proc and /sys.
func read(root fs.FS, l limits) Memory {
	var left Memory
	total := uint64(math.MaxUint64)
	if info, err := fs.ReadFile(root, "proc/meminfo"); err == nil {
		if n, ok := field(info, "MemAvailable:"); ok {
			left.least(n<<10, "the machine")
		}
		if n, ok := field(info, "MemTotal:"); ok {
			total = n << 10
		}
	}
	groups(root, total, func(bytes uint64) { left.least(bytes, "the control group") })
	if l.addressSpace == math.MaxUint64 && l.data == math.MaxUint64 {
		return left
	}
	status, _ := fs.ReadFile(root, "proc/self/status")
	for _, limit := range []struct {
		bytes    uint64
		used, by string
	}{{l.addressSpace, "VmSize:", "ulimit -v"}, {l.data, "VmData:", "ulimit -d"}} {
		if used, ok := field(status, limit.used); ok && limit.bytes != math.MaxUint64 {
			left.least(limit.bytes-min(used<<10, limit.bytes), limit.by)
		}
	}
	return left
}

// groups calls left with the bytes that the process may still take in each of its control
// groups and the groups around them
// (https://docs.kernel.org/admin-guide/cgroup-v2.html#memory,
// https://docs.kernel.org/admin-guide/cgroup-v1/memory.html).
//
// A limit of the machine's total or more is no limit. Then groups does not read how much
// the group has taken, because that costs the kernel a millisecond.
func groups(root fs.FS, total uint64, left func(bytes uint64)) {
	mounts, _ := fs.ReadFile(root, "proc/self/mountinfo")
	memberships, _ := fs.ReadFile(root, "proc/self/cgroup")
	for line := range strings.Lines(string(mounts)) {
		// proc_pid_mountinfo(5)
		mount, kind, _ := strings.Cut(line, " - ")
		fields, of := strings.Fields(mount), strings.Fields(kind)
		if len(fields) < 5 || len(of) < 3 {
			continue
		}
		top, at := fields[3], strings.TrimPrefix(fields[4], "/")
		var group string
		var ok bool
		files := groupFiles{"memory.max", "memory.high", "memory.current", "inactive_file"}
		switch {
		case of[0] == "cgroup2":
			group, ok = membership(memberships, "")
		case of[0] == "cgroup" && hasWord(of[2], "memory"):
			group, ok = membership(memberships, "memory")
			files = groupFiles{"memory.limit_in_bytes", "", "memory.usage_in_bytes", "total_inactive_file"}
		}
		if !ok {
			continue
		}
		// In a container, the mount may be the process's own group, although the name of
		// the group is the one outside of the container.
		dir := at
		if rest, ok := strings.CutPrefix(group, strings.TrimSuffix(top, "/")); ok && fs.ValidPath(path.Join(at, rest)) {
			dir = path.Join(at, rest)
		}
		for {
			if n, ok := files.left(root, dir, total); ok {
				left(n)
			}
			if len(dir) <= len(at) {
				break
			}
			dir = path.Dir(dir)
		}
	}
}

// groupFiles are the files with three amounts of a control group: its limit, the amount at
// which the kernel begins to slow it down, and the amount that it has taken. cache is the
// line of memory.stat with the amount that can be reclaimed.
type groupFiles struct{ limit, high, taken, cache string }

func (f groupFiles) left(root fs.FS, dir string, total uint64) (uint64, bool) {
	number := func(name string) (uint64, bool) {
		if name == "" {
			return 0, false
		}
		data, err := fs.ReadFile(root, path.Join(dir, name))
		if err != nil {
			return 0, false
		}
		n, err := strconv.ParseUint(string(bytes.TrimSpace(data)), 10, 64)
		return n, err == nil
	}
	limit, limited := number(f.limit)
	if high, ok := number(f.high); ok && (!limited || high < limit) {
		limit, limited = high, true
	}
	if !limited || limit >= total {
		return 0, false
	}
	taken, ok := number(f.taken)
	if !ok {
		return 0, false
	}
	stat, _ := fs.ReadFile(root, path.Join(dir, "memory.stat"))
	cache, _ := field(stat, f.cache)
	taken -= min(cache, taken)
	return limit - min(taken, limit), true
}

// membership returns the group of a process in the hierarchy of a controller; "" is the
// hierarchy of version 2. See cgroups(7).
func membership(text []byte, controller string) (group string, ok bool) {
	for line := range strings.Lines(string(text)) {
		parts := strings.SplitN(strings.TrimSuffix(line, "\n"), ":", 3)
		if len(parts) == 3 && (parts[1] == controller || controller != "" && hasWord(parts[1], controller)) {
			return parts[2], true
		}
	}
	return "", false
}

func hasWord(list, word string) bool {
	for w := range strings.SplitSeq(list, ",") {
		if w == word {
			return true
		}
	}
	return false
}

// field returns the number after a name at the beginning of a line.
func field(text []byte, name string) (uint64, bool) {
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		if f := strings.Fields(lines.Text()); len(f) > 1 && f[0] == name {
			n, err := strconv.ParseUint(f[1], 10, 64)
			return n, err == nil
		}
	}
	return 0, false
}

// String describes the default limit: half of the memory, and what bounds that.
func (l Memory) String() string {
	if l.By == "" {
		return "unknown"
	}
	return fmt.Sprintf("half of what %s leaves", l.By)
}
