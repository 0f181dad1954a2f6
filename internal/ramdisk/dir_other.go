//go:build !linux

package ramdisk

func makeDir() (dir string, ok bool) { return "", false }
