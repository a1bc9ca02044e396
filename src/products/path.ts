export const PRODUCTS_PATH = '/api/v1/products';
