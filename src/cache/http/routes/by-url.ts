import { SetMetadata } from '@nestjs/common';

export const BY_URL = 'cache.BY_URL';

/**
 * Says of a guard or an interceptor that for a GET it does nothing that depends on anything but the URL, so that an
 * answer which has passed it once may be sent again without asking it. Hits of routes where all of them say so are
 * answered by the fast lane. A class derived from a marked one is not marked.
 */
export const ByUrl = (): ClassDecorator => SetMetadata(BY_URL, true);
