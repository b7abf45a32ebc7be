package javax.annotation;

/** Stands in for javax.annotation-api, which the generated pom.xml names, where no Maven registry is. */
public @interface Generated {
  String[] value();

  String date() default "";

  String comments() default "";
}
