import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** A second entity behind the cache. Lines that end in `// cache` are all that it takes. */
@Entity('categories')
export class Category {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'ALWAYS' })
  id: number;

  @Column({ type: 'varchar', length: 100, unique: true })
  name: string;

  /** The product that its page shows. */
  @Column({ name: 'featured_id', type: 'integer', nullable: true })
  featuredId: number | null;
}
