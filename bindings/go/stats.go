package sac

import "time"

// Stats counts what a client and all its clones have done.
type Stats struct {
	// Requests counts the calls, and Attempts the requests that were sent for them.
	Requests uint64 `json:"requests"`
	Attempts uint64 `json:"attempts"`
	// Timeouts counts the attempts that ran out of time.
	Timeouts uint64 `json:"timeouts"`
	// BytesSent and BytesReceived count the bytes on the connections.
	BytesSent     uint64 `json:"bytes_sent"`
	BytesReceived uint64 `json:"bytes_received"`
	// ConnectionsOpened and ConnectionsReused count new connections and reuses of idle ones.
	ConnectionsOpened uint64 `json:"connections_opened"`
	ConnectionsReused uint64 `json:"connections_reused"`
	// WaitedMS is the total time that calls waited for retries and limits, in milliseconds.
	WaitedMS uint64 `json:"waited_ms"`
	// Retries counts the retries by their cause, such as "timeout" or "rate_limited".
	Retries map[string]uint64 `json:"retries"`
}

// Waited returns the total time that calls waited for retries and limits.
func (s Stats) Waited() time.Duration {
	return time.Duration(s.WaitedMS) * time.Millisecond
}
