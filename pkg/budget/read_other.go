//go:build !unix

package budget

// withoutWaiting is not needed: no pipe stands among the files.
const withoutWaiting = 0
