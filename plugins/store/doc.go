// Package store keeps the plugins that a user has installed: a folder for each
// beside a lock file that has the checksum of every file, and what was granted.
//
// Invariant: what starts is, byte for byte, what was installed; a plugin is
// granted what its manifest asks for and the user said yes to, and nothing else.
//
// It imports plugins/wire, for the kinds and their versions.
package store
