package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// pack makes a package as npm does.
func pack(t *testing.T, files map[string]string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for name, text := range files {
		if err := w.WriteHeader(&tar.Header{Name: name, Size: int64(len(text)), Mode: 0o644}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "data.tgz")
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

const (
	info    = `{"name":"iam-data","version":"1.2","updatedAt":"2030-01-01"}`
	types   = `{"bucket":{"key":"bucket","arn":"arn:${Partition}:s3:::${Name}"},"object":{"key":"object","arn":"arn:${Partition}:s3:::${Name}/${Key}","conditionKeys":["s3:b"]}}`
	actions = `{"listall":{"name":"ListAll","accessLevel":"List","resourceTypes":[],"conditionKeys":[]},
		"get":{"name":"Get","accessLevel":"Permissions management, Write","resourceTypes":[{"name":"object","required":true,"conditionKeys":["s3:c"]},{"name":"bucket","required":false}],"conditionKeys":["s3:a","s3:c"]}}`
)

func TestTable(t *testing.T) {
	to := filepath.Join(t.TempDir(), "actions.gz")
	if err := run(pack(t, map[string]string{"package/package.json": info, "package/data/actions/s3.json": actions, "package/data/resourceTypes/s3.json": types}), to); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(to)
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if _, err := got.ReadFrom(z); err != nil {
		t.Fatal(err)
	}
	want := "flowdeed actions 1\ndate 2030-01-01\nsource iam-data 1.2\nS\ts3\nK\ts3:b\ts3:a\ts3:c\n" +
		"T\tbucket\tarn:${Partition}:s3:::${Name}\t\nT\tobject\tarn:${Partition}:s3:::${Name}/${Key}\t0\n" +
		"A\tGet\tP\tobject*,bucket\t1,2\nA\tListAll\tL\t\t\n"
	if got.String() != want {
		t.Errorf("got\n%s\nwant\n%s", got.String(), want)
	}
}

func TestNoPackage(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"not the package": {"package/package.json": info},
		"broken JSON":     {"package/package.json": info, "package/data/actions/s3.json": "{"},
		"unknown level":   {"package/package.json": info, "package/data/actions/s3.json": strings.ReplaceAll(actions, "List\"", "Peek\"")},
	} {
		if err := run(pack(t, files), filepath.Join(t.TempDir(), "x")); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
