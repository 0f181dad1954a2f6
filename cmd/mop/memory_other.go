//go:build !linux

package main

// machineMemory returns nothing: how much memory there is is not asked for here.
func machineMemory() memoryLeft { return memoryLeft{} }
