// Package cachedir moves the temporary folder of the process to a private one before
// the Graphviz module is initialised: that module keeps compiled machine code in the
// temporary folder under a name anybody can guess, and loads it again. On a shared
// machine somebody else could put code there.
//
// It imports only os, so that Go initialises it first, and is the one package of the
// house with an init function.
package cachedir

import "os"

var original, had = "", false

func init() {
	original, had = os.LookupEnv("TMPDIR")
	dir, err := os.UserCacheDir()
	if err != nil {
		os.Setenv("TMPDIR", os.DevNull+"/none") // no cache: slower, and safe
		return
	}
	dir += "/flowdeed"
	if os.MkdirAll(dir, 0o700) != nil || os.Chmod(dir, 0o700) != nil {
		os.Setenv("TMPDIR", os.DevNull+"/none")
		return
	}
	os.Setenv("TMPDIR", dir)
}

// Restore puts the temporary folder back for the rest of the program.
func Restore() {
	if had {
		os.Setenv("TMPDIR", original)
		return
	}
	os.Unsetenv("TMPDIR")
}
