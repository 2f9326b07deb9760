/* The program around a piece of C in the guide. */
#include <inttypes.h>
#include <pthread.h>
#include <sac.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

@OUTSIDE@
int main(void)
{
    sac_client *client = NULL;
    if (sac_client_new("http://127.0.0.1:8080", &client) != SAC_OK)
        return 1;
    {
@INSIDE@
    }
    sac_client_free(client);
    return 0;
}
