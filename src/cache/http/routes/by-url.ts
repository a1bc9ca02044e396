import { SetMetadata } from '@nestjs/common';

export const BY_URL = 'cache.BY_URL';

/**
 * Promises that a guard looks at nothing but the URL of a GET, so that its decision may be reused for cached answers. Hits of
 * routes whose guards all say so are answered by the fast lane. A class derived from a marked one is not marked.
 */
export const ByUrl = (): ClassDecorator => SetMetadata(BY_URL, true);
