// Package ramdisk keeps the temporary files of tests in memory. Tests that make and remove
// thousands of files otherwise spend most of their time in the file system: ext4, for one,
// looks at every file that was recently removed before it makes a new one.
package ramdisk

import "os"

// Use makes a directory in memory. Until done is called, it is the process's directory for
// temporary files, and so that of [testing.T.TempDir] and of programs that the process
// starts. If the system has no file system in memory with enough room, in which programs
// can run, the directory stays as it is.
func Use() (done func()) {
	dir, ok := makeDir()
	if !ok {
		return func() {}
	}
	before, set := os.LookupEnv(variable)
	if err := os.Setenv(variable, dir); err != nil {
		panic(err)
	}
	return func() {
		if set {
			_ = os.Setenv(variable, before)
		} else {
			_ = os.Unsetenv(variable)
		}
		// A failure leaves files behind, but says nothing about what was tested.
		_ = os.RemoveAll(dir)
	}
}

// variable is the environment variable that names the directory for temporary files.
const variable = "TMPDIR"
