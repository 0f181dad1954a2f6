//go:build !unix

package budget

// withoutWaiting is not needed: these systems have no pipes among the files.
const withoutWaiting = 0
