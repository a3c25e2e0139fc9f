package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
)

// unfinished are the temporary files of this run, to be taken away when it is
// interrupted.
type unfinished struct {
	mu    sync.Mutex
	files map[string]bool
}

func (u *unfinished) add(path string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.files == nil {
		u.files = map[string]bool{}
	}
	u.files[path] = true
}

func (u *unfinished) drop(path string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.files, path)
}

// abandon removes what is not finished. The lock stays closed: nothing may be begun
// after it.
func (u *unfinished) abandon() {
	u.mu.Lock()
	for f := range u.files {
		os.Remove(f)
	}
}

// writeFile writes a file so that it is there whole or not at all: into a temporary
// file beside it, synced, then renamed. What is no ordinary file, a pipe or a device,
// is written to as it is.
func (s *streams) writeFile(path string, write func(io.Writer) error) error {
	if at, err := filepath.EvalSymlinks(path); err == nil {
		path = at // the file behind a link is replaced, not the link
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return writeThrough(path, info, write)
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return failf("choose a folder that exists and can be written with --output", "cannot write %s: %w", path, plain(err))
	}
	s.unfinished.add(tmp.Name())
	defer s.unfinished.drop(tmp.Name())
	if err := fill(tmp, path, write); err != nil {
		tmp.Close()
		os.Remove(tmp.Name())
		return fileFault(path, err)
	}
	return nil
}

// writable says before a long job whether its file could be written.
func writable(path string) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		if info.IsDir() {
			return failf("name a file with --output", "cannot write %s: it is a folder", path)
		}
		return nil
	}
	probe, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return failf("choose a folder that exists and can be written with --output", "cannot write %s: %w", path, plain(err))
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

func fill(tmp *os.File, path string, write func(io.Writer) error) error {
	if err := write(tmp); err != nil {
		return err
	}
	if err := tmp.Chmod(0o644); err != nil {
		return err
	}
	if err := tmp.Sync(); err != nil {
		return err
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}

func writeThrough(path string, info os.FileInfo, write func(io.Writer) error) error {
	if info.IsDir() {
		return failf("name a file with --output", "cannot write %s: it is a folder", path)
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return fileFault(path, err)
	}
	if err := errors.Join(write(f), f.Close()); err != nil {
		return fileFault(path, err)
	}
	return nil
}

// inAnnotations makes the advice about a file that could not be written fit a file of the
// annotations folder.
func inAnnotations(err error) error {
	var f *failure
	if errors.As(err, &f) {
		f.next = strings.ReplaceAll(f.next, "--output", "--annotations")
	}
	return err
}

func fileFault(path string, err error) error {
	switch {
	case errors.Is(err, syscall.ENOSPC):
		return failf("free some space, or write elsewhere with --output; nothing was left behind", "cannot write %s: the disk is full", path)
	case errors.Is(err, syscall.EDQUOT):
		return failf("free some space, or write elsewhere with --output; nothing was left behind", "cannot write %s: the disk quota is used up", path)
	}
	return failf("nothing was left behind; write elsewhere with --output", "cannot write %s: %w", path, plain(err))
}

// plain takes the path out of a file error: the message names it already.
func plain(err error) error {
	var pe *os.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	var le *os.LinkError
	if errors.As(err, &le) {
		return le.Err
	}
	return err
}
