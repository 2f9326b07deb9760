// Package plainc makes calls from a loop in C, so that a benchmark can tell what the binding adds.
package plainc

// #cgo !sac_static pkg-config: sac
// #cgo sac_static pkg-config: sac-static
// #include <sac.h>
// #include <stdlib.h>
//
// static sac_code get_all(const char *base_url, const char *path, int count)
// {
//     sac_client *client = NULL;
//     sac_code code = sac_client_new(base_url, &client);
//     for (int i = 0; i < count && code == SAC_OK; i++) {
//         sac_response *response = sac_get(client, path);
//         code = response->code;
//         sac_response_free(response);
//     }
//     sac_client_free(client);
//     return code;
// }
import "C"

import "unsafe"

// Get gets a path a number of times, and returns the code of the first call that fails, or SAC_OK.
func Get(baseURL, path string, count int) int32 {
	url, where := C.CString(baseURL), C.CString(path)
	defer C.free(unsafe.Pointer(url))
	defer C.free(unsafe.Pointer(where))
	return int32(C.get_all(url, where, C.int(count)))
}
